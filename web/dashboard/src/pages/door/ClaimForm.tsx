import { useMutation } from "@tanstack/react-query";
import { useState } from "react";

import { api, errorAt, errorBeside, take, type Me } from "../../api";
import { loadMe } from "../../api/me";
import { Button, ErrorNote, Form, FormActions, PasswordInput, TextInput } from "../../design";

/** The first person of an install: owner of its organisation. */
export function ClaimForm({ token, onSignedIn }: { token: string; onSignedIn: (me: Me) => void }) {
  const [name, setName] = useState("");
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const claim = useMutation({
    mutationFn: async () => {
      await take(api.POST("/v1/auth/claim", { body: { token, name, email, password } }));
      return loadMe();
    },
    onSuccess: onSignedIn,
  });
  const beside = errorBeside(claim.error, "name", "email", "password");
  return (
    <Form onSubmit={() => claim.mutate()}>
      <TextInput label="Your name" autoComplete="name" value={name} error={errorAt(claim.error, "name")} onChange={(event) => setName(event.target.value)} />
      <TextInput label="E-mail" type="email" autoComplete="username" value={email} error={errorAt(claim.error, "email")} onChange={(event) => setEmail(event.target.value)} />
      <PasswordInput
        label="Password"
        hint="At least ten characters; a few words are easiest to keep in mind."
        autoComplete="new-password"
        value={password}
        error={errorAt(claim.error, "password")}
        onChange={(event) => setPassword(event.target.value)}
      />
      {beside && <ErrorNote error={beside} />}
      <FormActions>
        <Button kind="primary" type="submit" pending={claim.isPending}>
          Make my account
        </Button>
      </FormActions>
    </Form>
  );
}
