import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";

import { api, errorAt, errorBeside, take, useWelcome } from "../../api";
import { loadMe } from "../../api/me";
import { Alone } from "../../app/Alone";
import { Button, ButtonLink, Checkbox, ErrorNote, Form, FormActions, PageHeader, PasswordInput, TextInput } from "../../design";
import { useToken } from "./token";

/** `/accept-invitation?token=…`: joins with the account there is, or with a new one. */
export function InvitationPage() {
  const token = useToken() ?? "";
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const [hasAccount, setHasAccount] = useState(false);
  const welcome = useWelcome();
  const navigate = useNavigate();
  const accept = useMutation({
    mutationFn: () => take(api.POST("/v1/auth/accept-invitation", { body: { token, ...(hasAccount ? {} : { name, password }) } })),
    onSuccess: async (accepted) => {
      if (!accepted.signed_in) return;
      welcome(await loadMe());
      await navigate("/", { replace: true });
    },
  });
  if (accept.data?.signed_in === false) {
    return (
      <Alone>
        <PageHeader title="You have joined" words="Sign in with the account you have." />
        <ButtonLink kind="primary" to="/sign-in">
          Sign in
        </ButtonLink>
      </Alone>
    );
  }
  const beside = errorBeside(accept.error, "name", "password");
  return (
    <Alone>
      <PageHeader title="You are invited" words="Make your account to join." />
      <Form onSubmit={() => accept.mutate()}>
        <Checkbox label="I have an account already" checked={hasAccount} onChange={setHasAccount} />
        {!hasAccount && (
          <>
            <TextInput label="Your name" autoComplete="name" value={name} error={errorAt(accept.error, "name")} onChange={(event) => setName(event.target.value)} />
            <PasswordInput label="Password" hint="At least ten characters." autoComplete="new-password" value={password} error={errorAt(accept.error, "password")} onChange={(event) => setPassword(event.target.value)} />
          </>
        )}
        {beside && <ErrorNote error={beside} />}
        <FormActions>
          <Button kind="primary" type="submit" pending={accept.isPending}>
            Join
          </Button>
        </FormActions>
      </Form>
    </Alone>
  );
}
