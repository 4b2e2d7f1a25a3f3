import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { api, errorAt, errorBeside, keys, take, useCan, useMe, useWelcome } from "../../../api";
import { PageHeader, TextInput, useToast } from "../../../design";
import style from "../shared/Settings.module.css";
import { SettingsForm } from "../shared/SettingsForm";
import { useOrganization } from "./organization";

/** What the organisation is called. */
export function NamePage() {
  const organization = useOrganization();
  const me = useMe();
  const welcome = useWelcome();
  const client = useQueryClient();
  const toast = useToast();
  const [name, setName] = useState(organization.name);
  const save = useMutation({
    mutationFn: () => take(api.PATCH("/v1/organizations/{organization_id}", { params: { path: { organization_id: organization.id } }, body: { name } })),
    onSuccess: async (now) => {
      welcome({ ...me, organization: { ...organization, name: now.name } });
      toast({ message: "Saved." });
      await client.invalidateQueries({ queryKey: keys.organizations });
    },
  });
  return (
    <>
      <PageHeader title="Name" words="What this organisation is called, for its people and in mails." />
      <div className={style.form}>
        <SettingsForm title="Organisation" mayChange={useCan("*")} isPending={save.isPending} error={errorBeside(save.error, "name")} onSave={() => save.mutate()}>
          <TextInput label="Name" autoComplete="organization" value={name} error={errorAt(save.error, "name")} onChange={(event) => setName(event.target.value)} />
        </SettingsForm>
        <p className={style.note}>
          Its id is <span className={style.code}>{organization.id}</span>.
        </p>
      </div>
    </>
  );
}
