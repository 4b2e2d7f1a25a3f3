import { useMutation } from "@tanstack/react-query";
import { useState } from "react";

import { api, errorAt, errorBeside, take } from "../../api";
import { Alone } from "../../app/Alone";
import { Button, ButtonLink, ErrorNote, Form, FormActions, Link, PageHeader, PasswordInput, TextInput } from "../../design";
import { useToken } from "./token";

/** `/forgot-password`: asks for a link by mail. */
export function ForgotPasswordPage() {
  const [email, setEmail] = useState("");
  const ask = useMutation({ mutationFn: () => take(api.POST("/v1/auth/password-reset", { body: { email } })) });
  if (ask.isSuccess) {
    return (
      <Alone>
        <PageHeader title="Look into your mailbox" words={`If there is an account with ${email}, a link to choose a new password is on its way. It is good for an hour.`} />
        <ButtonLink to="/sign-in">Back to sign in</ButtonLink>
      </Alone>
    );
  }
  const beside = errorBeside(ask.error, "email");
  return (
    <Alone>
      <PageHeader title="Choose a new password" words="We send you a link by mail." />
      <Form onSubmit={() => ask.mutate()}>
        <TextInput label="E-mail" type="email" autoComplete="username" value={email} error={errorAt(ask.error, "email")} onChange={(event) => setEmail(event.target.value)} />
        {beside && <ErrorNote error={beside} />}
        <FormActions>
          <Button kind="primary" type="submit" pending={ask.isPending}>
            Send the link
          </Button>
          <ButtonLink kind="quiet" to="/sign-in">
            Back to sign in
          </ButtonLink>
        </FormActions>
      </Form>
    </Alone>
  );
}

/** `/reset-password?token=…`: the link of that mail. */
export function ResetPasswordPage() {
  const token = useToken();
  const [password, setPassword] = useState("");
  const reset = useMutation({ mutationFn: () => take(api.POST("/v1/auth/password-reset/confirm", { body: { token: token ?? "", password } })) });
  if (reset.isSuccess) {
    return (
      <Alone>
        <PageHeader title="Your password is changed" words="Every session has ended. Sign in with the new one." />
        <ButtonLink kind="primary" to="/sign-in">
          Sign in
        </ButtonLink>
      </Alone>
    );
  }
  const beside = errorBeside(reset.error, "password");
  return (
    <Alone>
      <PageHeader title="Choose a new password" />
      <Form onSubmit={() => reset.mutate()}>
        <PasswordInput label="New password" hint="At least ten characters." autoComplete="new-password" value={password} error={errorAt(reset.error, "password")} onChange={(event) => setPassword(event.target.value)} />
        {beside && <ErrorNote error={beside} />}
        <FormActions>
          <Button kind="primary" type="submit" pending={reset.isPending}>
            Change it
          </Button>
        </FormActions>
      </Form>
      <p>
        <Link to="/forgot-password">Ask for another link</Link>
      </p>
    </Alone>
  );
}
