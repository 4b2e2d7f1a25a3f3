import { Navigate, useNavigate, useSearchParams } from "react-router";

import { useMeIfAny, useWelcome, type Me } from "../../api";
import { Alone } from "../../app/Alone";
import { Link, PageHeader } from "../../design";
import { ClaimForm } from "./ClaimForm";
import { OtherWays } from "./OtherWays";
import { SignInForm } from "./SignInForm";
import { useToken } from "./token";

const OURS = /^\/([!#-.0-[\]-~][!#-[\]-~]*)?$/; // as aivastark/accounts/oidc_endpoints.py has it
const NEXT_MAX_CHARS = 1_500;

/** A path of ours, or home: an address may not lead out of the house. */
function inside(next: string | null): string {
  return next !== null && next.length <= NEXT_MAX_CHARS && OURS.test(next) ? next : "/";
}

/** `/sign-in`, and with the token of a fresh install the page on which its first person takes it over. */
export function SignInPage() {
  const token = useToken();
  const me = useMeIfAny();
  const welcome = useWelcome();
  const navigate = useNavigate();
  const next = inside(useSearchParams()[0].get("next"));
  const enter = (to: string) => (person: Me) => {
    welcome(person);
    void navigate(to, { replace: true });
  };
  if (token !== null) {
    return (
      <Alone>
        <PageHeader title="Welcome to Aivastark" words="This install is new. Whoever opens this link first owns it: make your account." />
        <ClaimForm token={token} onSignedIn={enter("/welcome")} />
      </Alone>
    );
  }
  if (me) return <Navigate to={next} replace />;
  return (
    <Alone>
      <PageHeader title="Sign in" />
      <SignInForm onSignedIn={enter(next)} />
      <OtherWays next={next} />
      <p>
        <Link to="/forgot-password">Forgot your password?</Link>
      </p>
    </Alone>
  );
}
