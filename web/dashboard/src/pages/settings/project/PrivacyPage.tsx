import { useState } from "react";

import { errorAt, errorBeside, useCan, type Wire } from "../../../api";
import { useProject } from "../../../app/project";
import { Checkbox, PageHeader } from "../../../design";
import { Chosen, namesOf } from "../shared/Chosen";
import style from "../shared/Settings.module.css";
import { SettingsForm } from "../shared/SettingsForm";
import { useSaving } from "./saving";

type Privacy = Wire["ProjectPrivacy"];
type Kind = NonNullable<Privacy["mask"]>[number];
type Region = NonNullable<Privacy["phone_regions"]>[number];

const KINDS: readonly (readonly [Kind, string, string])[] = [
  ["email", "E-mail addresses", "Such as anna@example.com"],
  ["phone", "Telephone numbers", "International ones, and national ones of the countries below"],
  ["card", "Payment cards", "Numbers whose check digit is right"],
  ["iban", "Bank accounts", "IBANs whose check digits are right"],
  ["ip", "IP addresses", "Of version 4 and 6"],
];
const COUNTRIES = namesOf(
  "region",
  "AE AR AT AU BE BG BR CA CH CL CN CO CY CZ DE DK EE EG ES FI FR GB GR HK HR HU ID IE IL IN IS IT JP KE KR LI LT LU LV MA MT MX MY NG NL NO NZ PE PH PL PT RO RS RU SA SE SG SI SK TH TR TW UA US VN ZA".split(" "),
);

/** Which personal values of visitors are neither kept nor shown to a model. */
export function PrivacyPage() {
  const { privacy } = useProject();
  const [mask, setMask] = useState<Kind[]>(privacy.mask ?? []);
  const [regions, setRegions] = useState<string[]>(privacy.phone_regions ?? []);
  const save = useSaving();
  const put = (kind: Kind, isOn: boolean) => setMask(isOn ? [...mask, kind] : mask.filter((one) => one !== kind));
  return (
    <>
      <PageHeader title="Privacy" words="Personal values in what visitors write." />
      <div className={style.form}>
        <SettingsForm
          title="Masking"
          words="A masked value is kept as a placeholder, such as [email 1], and no language model sees it. It holds from now on; what was said before stays as it is. Owners and admins can look at the value in the conversation, and the audit log says that they did."
          mayChange={useCan("*")}
          isPending={save.isPending}
          error={errorBeside(save.error, "privacy.phone_regions")}
          onSave={() => save.mutate({ privacy: { mask, phone_regions: regions as Region[] } })}
        >
          <div className={style.choices} role="group" aria-label="What is masked">
            {KINDS.map(([kind, label, hint]) => (
              <Checkbox key={kind} label={label} hint={hint} checked={mask.includes(kind)} onChange={(isOn) => put(kind, isOn)} />
            ))}
          </div>
          {mask.includes("phone") && (
            <Chosen
              label="Countries of telephone numbers"
              hint="Where national numbers are from. None chosen: where the language of the text is spoken."
              names={COUNTRIES}
              chosen={regions}
              error={errorAt(save.error, "privacy.phone_regions")}
              onChange={setRegions}
            />
          )}
        </SettingsForm>
      </div>
    </>
  );
}
