import { useState } from "react";

import { errorAt, errorBeside, useCan, useMe } from "../../../api";
import { useProject } from "../../../app/project";
import { PageHeader, Select, TextInput } from "../../../design";
import { Chosen, namesOf } from "../shared/Chosen";
import style from "../shared/Settings.module.css";
import { SettingsForm } from "../shared/SettingsForm";
import { DeleteProject } from "./DeleteProject";
import { ExportProject } from "./ExportProject";
import { useSaving } from "./saving";

const LANGUAGES = namesOf(
  "language",
  "ar bg bn ca cs da de el en es et fa fi fr he hi hr hu id it ja ko lt lv ms nb nl no pl pt ro ru sk sl sr sv ta th tr uk ur vi zh".split(" "),
);
const KEPT_DAYS: readonly (readonly [string, string])[] = [
  ["", "For ever"],
  ["30", "30 days"],
  ["90", "90 days"],
  ["180", "180 days"],
  ["365", "One year"],
  ["730", "Two years"],
];
const OWN = "own";

/** What a project is called, what it speaks, how long it keeps what was said. */
export function GeneralPage() {
  const mayExport = useCan("*");
  const isOwner = useMe().organization?.role === "owner";
  return (
    <>
      <PageHeader title="General" words="The name of this project, its languages, and how long it keeps conversations." />
      <div className={style.form}>
        <NameForm />
        <RetentionForm />
        {mayExport && <ExportProject />}
        {isOwner && <DeleteProject />}
      </div>
    </>
  );
}

function NameForm() {
  const project = useProject();
  const [name, setName] = useState(project.name);
  const [languages, setLanguages] = useState<string[]>(project.languages);
  const save = useSaving();
  return (
    <SettingsForm title="Name and languages" mayChange={useCan("*")} isPending={save.isPending} error={errorBeside(save.error, "name", "languages")} onSave={() => save.mutate({ name, languages })}>
      <TextInput label="Name" hint="For you and your team; visitors see the name of the widget." value={name} error={errorAt(save.error, "name")} onChange={(event) => setName(event.target.value)} />
      <Chosen
        label="Languages"
        hint="The languages in which a language model may answer. None chosen: that of the question."
        names={LANGUAGES}
        chosen={languages}
        error={errorAt(save.error, "languages")}
        onChange={setLanguages}
      />
    </SettingsForm>
  );
}

function RetentionForm() {
  const project = useProject();
  const kept = project.retention_days === null ? "" : String(project.retention_days);
  const [days, setDays] = useState(kept);
  const [isOwn, setOwn] = useState(!KEPT_DAYS.some(([value]) => value === kept));
  const save = useSaving();
  const choose = (value: string) => {
    setOwn(value === OWN);
    if (value !== OWN) setDays(value);
  };
  return (
    <SettingsForm
      title="Retention"
      words="Conversations that nobody has spoken in for this long are erased, and cannot be had back. Leads stay until you erase them."
      mayChange={useCan("*")}
      isPending={save.isPending}
      error={errorBeside(save.error, "retention_days")}
      onSave={() => save.mutate({ retention_days: days === "" ? null : Number(days) })}
    >
      <Select label="Keep conversations" value={isOwn ? OWN : days} error={isOwn ? null : errorAt(save.error, "retention_days")} onChange={(event) => choose(event.target.value)}>
        {KEPT_DAYS.map(([value, label]) => (
          <option key={value} value={value}>
            {label}
          </option>
        ))}
        <option value={OWN}>Another number of days</option>
      </Select>
      {isOwn && <TextInput label="Days" type="number" min={1} max={3650} value={days} error={errorAt(save.error, "retention_days")} onChange={(event) => setDays(event.target.value)} />}
    </SettingsForm>
  );
}
