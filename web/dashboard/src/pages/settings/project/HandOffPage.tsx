import { useState } from "react";

import { errorBeside, useCan, type Wire } from "../../../api";
import { useProject } from "../../../app/project";
import { Checkbox, PageHeader, Select, TextInput } from "../../../design";
import style from "../shared/Settings.module.css";
import { SettingsForm } from "../shared/SettingsForm";
import { useSaving } from "./saving";
import { WeekField } from "./WeekField";

type Hours = NonNullable<Wire["BusinessHours"]>;

const WORKDAY = [["09:00", "17:00"]];
const HERE = Intl.DateTimeFormat().resolvedOptions().timeZone;
const ZONES = [...new Set([HERE, "UTC", ...Intl.supportedValuesOf("timeZone")])];

function usualHours(): Hours {
  return { timezone: HERE, weekly: { mon: WORKDAY, tue: WORKDAY, wed: WORKDAY, thu: WORKDAY, fri: WORKDAY }, holidays: [] };
}

/** Whether and when people of the team take conversations over. */
export function HandOffPage() {
  const { handoff } = useProject();
  const [isOn, setOn] = useState(handoff.enabled ?? true);
  const [hours, setHours] = useState<Hours | null>(handoff.business_hours ?? null);
  const [holidays, setHolidays] = useState((handoff.business_hours?.holidays ?? []).join(", "));
  const save = useSaving();
  const days = holidays.split(/[\s,]+/).filter((day) => day !== "");
  const body = { enabled: isOn, business_hours: hours === null ? null : { ...hours, holidays: days } };
  return (
    <>
      <PageHeader title="Hand-off" words="Whether the bot passes visitors on to people, and when people are there. A widget can have its own." />
      <div className={style.form}>
        <SettingsForm title="People" mayChange={useCan("*")} isPending={save.isPending} error={errorBeside(save.error)} onSave={() => save.mutate({ handoff: body })}>
          <Checkbox label="Pass visitors on to a person" hint="When they ask for one, or the bot does not know. Switched off, the bot answers alone." checked={isOn} onChange={setOn} />
          {isOn && (
            <Select label="People are there" value={hours === null ? "always" : "hours"} onChange={(event) => setHours(event.target.value === "always" ? null : usualHours())}>
              <option value="always">Always</option>
              <option value="hours">At certain hours</option>
            </Select>
          )}
          {isOn && hours !== null && (
            <>
              <Select label="Time zone" value={hours.timezone} onChange={(event) => setHours({ ...hours, timezone: event.target.value })}>
                {[...new Set([hours.timezone, ...ZONES])].map((zone) => (
                  <option key={zone}>{zone}</option>
                ))}
              </Select>
              <WeekField weekly={hours.weekly} onChange={(weekly) => setHours({ ...hours, weekly })} />
              <TextInput label="Days off" optional hint="Dates on which nobody is there, such as 2026-12-25, with commas between them." value={holidays} onChange={(event) => setHolidays(event.target.value)} />
            </>
          )}
        </SettingsForm>
      </div>
    </>
  );
}
