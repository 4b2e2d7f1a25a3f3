import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { api, errorAt, errorBeside, take, useMe } from "../../../api";
import { Card, Link, PageHeader, PasswordInput, useToast } from "../../../design";
import style from "../shared/Settings.module.css";
import { SettingsForm } from "../shared/SettingsForm";
import { SecondFactor } from "./SecondFactor";

/** The password, and the second step after it. */
export function SecurityPage() {
  const { user } = useMe();
  return (
    <>
      <PageHeader title="Security" words="How you prove that it is you." />
      <div className={style.form}>
        {user.has_password ? <PasswordForm /> : <NoPassword />}
        {user.has_password && <SecondFactor />}
      </div>
    </>
  );
}

function NoPassword() {
  return (
    <Card title="Password">
      <p className={style.words}>
        You sign in with your organisation's provider and have no password here. To have one, <Link to="/forgot-password">ask for a link</Link>.
      </p>
    </Card>
  );
}

function PasswordForm() {
  const [current, setCurrent] = useState("");
  const [password, setPassword] = useState("");
  const client = useQueryClient();
  const toast = useToast();
  const change = useMutation({
    mutationFn: () => take(api.POST("/v1/auth/password", { body: { current_password: current, password } })),
    onSuccess: async () => {
      setCurrent("");
      setPassword("");
      toast({ message: "Your password is changed, and you are signed out everywhere else." });
      await client.invalidateQueries({ queryKey: ["sessions"] });
    },
  });
  return (
    <SettingsForm
      title="Password"
      words="All your other sessions end when you change it."
      mayChange
      action="Change password"
      isPending={change.isPending}
      error={errorBeside(change.error, "current_password", "password")}
      onSave={() => change.mutate()}
    >
      <PasswordInput label="Current password" autoComplete="current-password" value={current} error={errorAt(change.error, "current_password")} onChange={(event) => setCurrent(event.target.value)} />
      <PasswordInput
        label="New password"
        hint="At least ten characters; a few words are easiest to keep in mind."
        autoComplete="new-password"
        value={password}
        error={errorAt(change.error, "password")}
        onChange={(event) => setPassword(event.target.value)}
      />
    </SettingsForm>
  );
}
