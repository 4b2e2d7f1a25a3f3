import { useMutation } from "@tanstack/react-query";
import { useState } from "react";

import { api, errorAt, errorBeside, hasCode, take, type Me } from "../../api";
import { plainFetch } from "../../api/session";
import { Button, ErrorNote, Form, FormActions, PasswordInput, TextInput } from "../../design";

/** E-mail and password, then the code where the account has a second factor. */
export function SignInForm({ email: known = "", onSignedIn }: { email?: string; onSignedIn: (me: Me) => void }) {
  const [email, setEmail] = useState(known);
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const [needsCode, setNeedsCode] = useState(false);
  const signIn = useMutation({
    mutationFn: () => take(api.POST("/v1/auth/sign-in", { body: { email, password, ...(needsCode ? { code } : {}) }, fetch: plainFetch })),
    onSuccess: onSignedIn,
    onError: (error) => hasCode(error, "second_factor_required") && setNeedsCode(true),
  });
  const isFirstAsk = hasCode(signIn.error, "second_factor_required") && code === "";
  const error = isFirstAsk ? null : signIn.error;
  const beside = errorBeside(error, "email", "password", "code");
  return (
    <Form onSubmit={() => signIn.mutate()}>
      <TextInput label="E-mail" type="email" autoComplete="username" value={email} error={errorAt(error, "email")} onChange={(event) => setEmail(event.target.value)} />
      <PasswordInput label="Password" autoComplete="current-password" value={password} error={errorAt(error, "password")} onChange={(event) => setPassword(event.target.value)} />
      {needsCode && (
        <TextInput
          label="Code"
          hint="The six digits that your authenticator app shows, or a recovery code."
          inputMode="text"
          autoComplete="one-time-code"
          autoFocus
          value={code}
          error={errorAt(error, "code")}
          onChange={(event) => setCode(event.target.value)}
        />
      )}
      {beside && <ErrorNote error={beside} />}
      <FormActions>
        <Button kind="primary" type="submit" pending={signIn.isPending}>
          Sign in
        </Button>
      </FormActions>
    </Form>
  );
}
