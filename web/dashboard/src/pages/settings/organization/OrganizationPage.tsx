import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { api, errorAt, errorBeside, keys, take, useCan, useMe, useWelcome } from "../../../api";
import { PageHeader, TextInput, useToast } from "../../../design";
import { DeleteCard } from "../shared/DeleteCard";
import style from "../shared/Settings.module.css";
import { SettingsForm } from "../shared/SettingsForm";
import { goElsewhere, useOrganization } from "./organization";

/** What the organisation is called, its end, and the beginning of another one. */
export function OrganizationPage() {
  const { id, role } = useOrganization();
  return (
    <>
      <PageHeader title="General" words="What this organisation is called, for its people and in mails." />
      <div className={style.form}>
        <NameForm />
        <p className={style.note}>
          Its id is <span className={style.code}>{id}</span>.
        </p>
        {role === "owner" && <NewOrganization />}
        {role === "owner" && <DeleteOrganization />}
      </div>
    </>
  );
}

function NameForm() {
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
    <SettingsForm title="Name" mayChange={useCan("*")} isPending={save.isPending} error={errorBeside(save.error, "name")} onSave={() => save.mutate()}>
      <TextInput label="Name" autoComplete="organization" value={name} error={errorAt(save.error, "name")} onChange={(event) => setName(event.target.value)} />
    </SettingsForm>
  );
}

/** The server says who may: owners of the install's first organisation, and anybody where sign-up is open. */
function NewOrganization() {
  const [name, setName] = useState("");
  const client = useQueryClient();
  const toast = useToast();
  const make = useMutation({
    mutationFn: () => take(api.POST("/v1/organizations", { body: { name } })),
    onSuccess: async (made) => {
      setName("");
      toast({ message: `“${made.name}” is made. Switch to it in the list at the top.` });
      await client.invalidateQueries({ queryKey: keys.organizations });
    },
  });
  return (
    <SettingsForm
      title="Another organisation"
      words="Projects of one organisation share a team and a plan. For people who are to see nothing of each other, make another one; you become its owner."
      mayChange
      action="Create organisation"
      isPending={make.isPending}
      error={errorBeside(make.error, "name")}
      onSave={() => make.mutate()}
    >
      <TextInput label="Name of the new organisation" autoComplete="off" value={name} error={errorAt(make.error, "name")} onChange={(event) => setName(event.target.value)} />
    </SettingsForm>
  );
}

function DeleteOrganization() {
  const { id, name } = useOrganization();
  return (
    <DeleteCard
      what="organisation"
      name={name}
      words="Its projects, keys, people and audit log go with it. Nothing of it can be had back. The first organisation of an install stays."
      warning="Everything in it is erased: all projects with what they know, and who worked on them."
      onDelete={() => take(api.DELETE("/v1/organizations/{organization_id}", { params: { path: { organization_id: id } } }))}
      onDeleted={goElsewhere}
    />
  );
}
