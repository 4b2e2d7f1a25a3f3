import { useMutation } from "@tanstack/react-query";
import { useState } from "react";

import { api, errorAt, errorBeside, take, useMe, useWelcome } from "../../../api";
import { PageHeader, PasswordInput, TextInput, useToast } from "../../../design";
import style from "../shared/Settings.module.css";
import { SettingsForm } from "../shared/SettingsForm";

/** One's name and address. */
export function ProfilePage() {
  const { user } = useMe();
  return (
    <>
      <PageHeader title="Profile" words="Your team sees your name; visitors see it beside what you write to them." />
      <div className={style.form}>
        <NameForm />
        {user.has_password && <EmailForm />}
      </div>
    </>
  );
}

function NameForm() {
  const me = useMe();
  const [name, setName] = useState(me.user.name);
  const welcome = useWelcome();
  const toast = useToast();
  const save = useMutation({
    mutationFn: () => take(api.PATCH("/v1/auth/me", { body: { name } })),
    onSuccess: (user) => {
      welcome({ ...me, user });
      toast({ message: "Saved." });
    },
  });
  return (
    <SettingsForm title="Name" mayChange isPending={save.isPending} error={errorBeside(save.error, "name")} onSave={() => save.mutate()}>
      <TextInput label="Your name" autoComplete="name" value={name} error={errorAt(save.error, "name")} onChange={(event) => setName(event.target.value)} />
    </SettingsForm>
  );
}

function EmailForm() {
  const { user } = useMe();
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const toast = useToast();
  const change = useMutation({
    mutationFn: () => take(api.POST("/v1/auth/email", { body: { email, password } })),
    onSuccess: () => {
      toast({ message: `A link is on its way to ${email}. Your address changes when you open it.` });
      setEmail("");
      setPassword("");
    },
  });
  return (
    <SettingsForm
      title="E-mail"
      words={`You sign in with ${user.email}. We mail a link to the new address; until you open it, the old one holds.`}
      mayChange
      action="Mail me the link"
      isPending={change.isPending}
      error={errorBeside(change.error, "email", "password")}
      onSave={() => change.mutate()}
    >
      <TextInput label="New e-mail" type="email" autoComplete="email" value={email} error={errorAt(change.error, "email")} onChange={(event) => setEmail(event.target.value)} />
      <PasswordInput label="Your password" autoComplete="current-password" value={password} error={errorAt(change.error, "password")} onChange={(event) => setPassword(event.target.value)} />
    </SettingsForm>
  );
}
