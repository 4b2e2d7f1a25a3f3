import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { api, errorAt, errorBeside, keys, take, useMe } from "../../../api";
import { CodeBlock, PasswordInput, TextInput, useToast } from "../../../design";
import { SecretDialog } from "../shared/SecretDialog";
import style from "../shared/Settings.module.css";
import { SettingsForm } from "../shared/SettingsForm";
import { QrCode } from "./QrCode";

const TITLE = "Two-step sign-in";

/** The code of an authenticator app after the password: off, being set up, or on. */
export function SecondFactor() {
  const isOn = useMe().user.second_factor;
  const client = useQueryClient();
  const [codes, setCodes] = useState<string[] | null>(null);
  const reload = () => client.invalidateQueries({ queryKey: keys.me });
  const secret = codes === null ? null : { title: "Recovery codes", words: "Each one lets you in once without your phone. They are shown only here: keep them where you keep papers.", values: [["Recovery codes", codes.join("\n")] as const] };
  return (
    <>
      {isOn ? (
        <SwitchOff onDone={reload} />
      ) : (
        <SwitchOn
          onDone={(given) => {
            setCodes(given);
            void reload();
          }}
        />
      )}
      <SecretDialog secret={secret} onClose={() => setCodes(null)} />
    </>
  );
}

function SwitchOn({ onDone }: { onDone: (codes: string[]) => void }) {
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const enrol = useMutation({ mutationFn: () => take(api.POST("/v1/auth/totp/enrol", { body: { password } })) });
  const confirm = useMutation({
    mutationFn: () => take(api.POST("/v1/auth/totp/confirm", { body: { code: code.replaceAll(" ", "") } })),
    onSuccess: ({ recovery_codes: codes }) => onDone(codes),
  });
  if (enrol.data === undefined) {
    return (
      <SettingsForm
        title={TITLE}
        words="After your password, a code of an authenticator app on your phone is asked for. A stolen password alone then opens nothing."
        mayChange
        action="Set it up"
        isPending={enrol.isPending}
        error={errorBeside(enrol.error, "password")}
        onSave={() => enrol.mutate()}
      >
        <PasswordInput label="Your password" autoComplete="current-password" value={password} error={errorAt(enrol.error, "password")} onChange={(event) => setPassword(event.target.value)} />
      </SettingsForm>
    );
  }
  const { secret, uri } = enrol.data;
  return (
    <SettingsForm title={TITLE} mayChange action="Switch it on" isPending={confirm.isPending} error={errorBeside(confirm.error, "code")} onSave={() => confirm.mutate()}>
      <p>
        Scan this with your authenticator app. On the phone that has the app,{" "}
        <a href={uri} className={style.link}>
          open it there
        </a>
        ; or type the key below.
      </p>
      <QrCode text={uri} label="Code to scan with an authenticator app" />
      <div className={style.wrap}>
        <CodeBlock label="key for the app" code={secret.match(/.{1,4}/g)?.join(" ") ?? secret} />
      </div>
      <TextInput
        label="Code"
        hint="The six digits that the app shows now."
        inputMode="numeric"
        autoComplete="one-time-code"
        value={code}
        error={errorAt(confirm.error, "code")}
        onChange={(event) => setCode(event.target.value)}
      />
    </SettingsForm>
  );
}

function SwitchOff({ onDone }: { onDone: () => Promise<unknown> }) {
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const toast = useToast();
  const disable = useMutation({
    mutationFn: () => take(api.POST("/v1/auth/totp/disable", { body: { password, code: code.replaceAll(" ", "") } })),
    onSuccess: async () => {
      toast({ message: "Two-step sign-in is off." });
      await onDone();
    },
  });
  return (
    <SettingsForm
      title={`${TITLE} is on`}
      words="After your password, the code of your authenticator app is asked for. To move to another phone, switch it off and set it up again."
      mayChange
      action="Switch it off"
      isPending={disable.isPending}
      error={errorBeside(disable.error, "password", "code")}
      onSave={() => disable.mutate()}
    >
      <PasswordInput label="Your password" autoComplete="current-password" value={password} error={errorAt(disable.error, "password")} onChange={(event) => setPassword(event.target.value)} />
      <TextInput label="Code" hint="Of the app, or a recovery code." autoComplete="one-time-code" value={code} error={errorAt(disable.error, "code")} onChange={(event) => setCode(event.target.value)} />
    </SettingsForm>
  );
}
