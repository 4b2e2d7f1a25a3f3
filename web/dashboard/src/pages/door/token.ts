import { useEffect, useState } from "react";
import { useLocation, useNavigate } from "react-router";

/** The one-time token of a mailed link. It is taken out of the address, so that neither history nor a screenshot has it. */
export function useToken(): string | null {
  const { search, pathname } = useLocation();
  const navigate = useNavigate();
  const [token] = useState(() => new URLSearchParams(search).get("token"));
  useEffect(() => {
    if (new URLSearchParams(search).has("token")) void navigate(pathname, { replace: true });
  }, [search, pathname, navigate]);
  return token;
}
