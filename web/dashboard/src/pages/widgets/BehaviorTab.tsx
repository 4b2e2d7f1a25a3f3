import { Card, Select, TextInput } from "../../design";
import { LinesInput, OnOff } from "./fields";
import { ListEditor } from "./ListEditor";
import style from "./Widgets.module.css";
import type { Rule } from "./widget";

const FRESH: Rule = { trigger: "time_on_page", value: 20, paths: [], message: "Can I help you?", once_per: "session" };
const TRIGGERS: Record<Rule["trigger"], { label: string; unit: string | null }> = {
  time_on_page: { label: "After some time on the page", unit: "Seconds" },
  scroll: { label: "When the page is scrolled", unit: "Per cent of the page" },
  page_views: { label: "After some pages", unit: "Pages" },
  exit_intent: { label: "When the visitor is about to leave", unit: null },
};
const OFTEN: Record<Rule["once_per"], string> = { page: "Once a page", session: "Once a visit", visitor: "Once a visitor" };

/** What the window does, and when it speaks first. */
export function BehaviorTab() {
  return (
    <>
      <Card title="Answers">
        <OnOff at="behavior.show_citations" label="Show the sources of an answer" />
        <OnOff at="behavior.suggestions" label="Suggest what to ask next" />
        <OnOff at="behavior.feedback" label="Let visitors rate answers" hint="Ratings show in analytics whether confidence keeps its word." />
        <OnOff at="attachments.enabled" label="Let visitors send files" hint="Pictures, PDFs and plain text. Your team has them from the inbox; the bot does not read them." />
      </Card>
      <Card>
        <ListEditor<Rule> at="behavior.proactive" title="Speak first" words="The button can say something of its own accord, so that visitors see there is help." one="rule" fresh={FRESH}>
          {(rule, change) => <RuleFields rule={rule} change={change} />}
        </ListEditor>
      </Card>
    </>
  );
}

function RuleFields({ rule, change }: { rule: Rule; change: (next: Partial<Rule>) => void }) {
  const { unit } = TRIGGERS[rule.trigger];
  return (
    <>
      <div className={style.pair}>
        <Select label="When" value={rule.trigger} onChange={(event) => change({ trigger: event.target.value as Rule["trigger"] })}>
          {Object.entries(TRIGGERS).map(([value, { label }]) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </Select>
        {unit !== null && <TextInput label={unit} type="number" min={0} value={String(rule.value)} onChange={(event) => change({ value: Number(event.target.value) })} />}
        <Select label="How often" value={rule.once_per} onChange={(event) => change({ once_per: event.target.value as Rule["once_per"] })}>
          {Object.entries(OFTEN).map(([value, label]) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </Select>
      </div>
      <TextInput label="It says" value={rule.message} onChange={(event) => change({ message: event.target.value })} />
      <LinesInput label="On pages that begin with" hint="One path a line, such as /pricing. None: on all pages." value={rule.paths} onChange={(paths) => change({ paths })} />
    </>
  );
}
