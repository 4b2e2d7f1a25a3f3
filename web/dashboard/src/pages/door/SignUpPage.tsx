import { useMutation } from "@tanstack/react-query";
import { useState } from "react";

import { api, errorAt, errorBeside, take } from "../../api";
import { Alone } from "../../app/Alone";
import { Button, ButtonLink, ErrorNote, Form, FormActions, PageHeader, PasswordInput, TextInput } from "../../design";

/** `/sign-up`, where anybody may: asks for a link by mail that confirms the address. */
export function SignUpPage() {
  const [typed, setTyped] = useState({ name: "", organization: "", email: "", password: "" });
  const ask = useMutation({ mutationFn: () => take(api.POST("/v1/auth/sign-up", { body: typed })) });
  if (ask.isSuccess) {
    return (
      <Alone>
        <PageHeader title="Look into your mailbox" words={`A link that finishes it is on its way to ${typed.email}.`} />
        <ButtonLink to="/sign-in">Back to sign in</ButtonLink>
      </Alone>
    );
  }
  const input = (name: keyof typeof typed) => ({ value: typed[name], error: errorAt(ask.error, name), onChange: (event: { target: { value: string } }) => setTyped({ ...typed, [name]: event.target.value }) });
  const beside = errorBeside(ask.error, "name", "organization", "email", "password");
  return (
    <Alone>
      <PageHeader title="Make an account" words="We send you a link that confirms your address." />
      <Form onSubmit={() => ask.mutate()}>
        <TextInput label="Your name" autoComplete="name" {...input("name")} />
        <TextInput label="Organisation" autoComplete="organization" {...input("organization")} />
        <TextInput label="E-mail" type="email" autoComplete="username" {...input("email")} />
        <PasswordInput label="Password" autoComplete="new-password" {...input("password")} />
        {beside && <ErrorNote error={beside} />}
        <FormActions>
          <Button kind="primary" type="submit" pending={ask.isPending}>
            Make account
          </Button>
          <ButtonLink kind="quiet" to="/sign-in">
            Back to sign in
          </ButtonLink>
        </FormActions>
      </Form>
    </Alone>
  );
}
