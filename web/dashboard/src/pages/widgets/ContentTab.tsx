import { Plus, Trash2 } from "lucide-react";
import { useState } from "react";

import { Button, Card, IconButton, Select, TextInput } from "../../design";
import { ENGLISH } from "../../../../widget/src/strings";
import { errorOn, useDraft } from "./draft";
import { Lines, OneOf, Sentences, Words } from "./fields";
import style from "./Widgets.module.css";

const CODES = ["ar", "cs", "da", "de", "el", "en", "es", "fa", "fi", "fr", "he", "hi", "hu", "id", "it", "ja", "ko", "nb", "nl", "pl", "pt", "ro", "ru", "sv", "tr", "uk", "vi", "zh"];
const names = new Intl.DisplayNames("en", { type: "language" });
const LANGUAGES: Record<string, string> = {
  auto: "As the page",
  ...Object.fromEntries(CODES.map((code) => [code, names.of(code) ?? code] as const).sort(([, one], [, other]) => one.localeCompare(other))),
};

/** What the window says. */
export function ContentTab() {
  const { settings } = useDraft();
  const { locale } = settings.content;
  return (
    <>
      <Card title="First words">
        <Sentences at="content.greeting" label="Greeting" />
        <Words at="content.placeholder" label="In the empty question field" />
        <Lines at="content.starters" label="Questions to start with" hint="One a line, ten at most. Visitors ask them with one press." />
      </Card>
      <Card title="Language">
        <OneOf at="content.locale" label="Language of the window" options={locale in LANGUAGES ? LANGUAGES : { ...LANGUAGES, [locale]: locale }} hint="Answers are in the language of the question in any case." />
        <OwnWords />
      </Card>
    </>
  );
}

/** The window's own words, replaced one by one. */
function OwnWords() {
  const { settings, set, error, mayChange } = useDraft();
  const strings = settings.content.strings;
  const known = Object.entries(ENGLISH);
  const left = known.filter(([key]) => !(key in strings));
  const [chosen, setChosen] = useState("");
  const next = left.some(([key]) => key === chosen) ? chosen : (left[0]?.[0] ?? "");
  const wrong = errorOn(error, "content.strings");
  const englishOf = (key: string): string => known.find(([name]) => name === key)?.[1] ?? key;
  const drop = (key: string) => set("content.strings", Object.fromEntries(Object.entries(strings).filter(([name]) => name !== key)));
  return (
    <section className={style.list} aria-label="Words of your own">
      <div>
        <h3>Words of your own</h3>
        <p className={style.soft}>They stand in place of the window’s, whatever its language.</p>
      </div>
      {Object.entries(strings).map(([key, words]) => (
        <div key={key} className={style.row}>
          <TextInput label={`“${englishOf(key)}”`} value={words} disabled={!mayChange} onChange={(event) => set("content.strings", { ...strings, [key]: event.target.value })} />
          {mayChange && <IconButton icon={Trash2} label={`Back to “${englishOf(key)}”`} onClick={() => drop(key)} />}
        </div>
      ))}
      {wrong !== null && <p className={style.wrong}>{wrong}</p>}
      {mayChange && next !== "" && (
        <div className={style.row}>
          <Select label="Words to replace" value={next} onChange={(event) => setChosen(event.target.value)}>
            {left.map(([key, words]) => (
              <option key={key} value={key}>
                {words}
              </option>
            ))}
          </Select>
          <Button icon={Plus} onClick={() => set("content.strings", { ...strings, [next]: englishOf(next) })}>
            Replace
          </Button>
        </div>
      )}
    </section>
  );
}
