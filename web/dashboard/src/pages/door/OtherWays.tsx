import { useQuery } from "@tanstack/react-query";

import { api, take } from "../../api";
import { ButtonLink, Link } from "../../design";

/** What this install offers beside e-mail and password. Until that is known, and where it is not told, nothing. */
export function OtherWays({ next }: { next: string }) {
  const { data: ways } = useQuery({ queryKey: ["sign-in"], queryFn: () => take(api.GET("/v1/auth/sign-in")), retry: false, staleTime: Infinity });
  return (
    <>
      {ways?.openid && (
        <p>
          <ButtonLink to={`/v1/auth/oidc/start?${new URLSearchParams({ next })}`} reloadDocument>
            Sign in with OpenID
          </ButtonLink>
        </p>
      )}
      {ways?.sign_up && (
        <p>
          New here? <Link to="/sign-up">Make an account</Link>
        </p>
      )}
    </>
  );
}
