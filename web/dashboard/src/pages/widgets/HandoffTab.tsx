import { Card, Switch } from "../../design";
import { BusinessHours } from "./BusinessHours";
import { useDraft } from "./draft";
import { OnOff, Sentences } from "./fields";
import type { Hours } from "./widget";

const WEEKDAY = [["09:00", "17:00"]];

function freshHours(): Hours {
  return { timezone: Intl.DateTimeFormat().resolvedOptions().timeZone, weekly: { mon: WEEKDAY, tue: WEEKDAY, wed: WEEKDAY, thu: WEEKDAY, fri: WEEKDAY }, holidays: [] };
}

/** When a visitor may have a person. */
export function HandoffTab() {
  const { settings, set, mayChange } = useDraft();
  const hours = settings.handoff.business_hours;
  return (
    <>
      <Card title="Hand-off to a person">
        <OnOff at="handoff.enabled" label="Visitors may ask for a person" hint="The conversation then waits in your inbox." />
        <OnOff at="handoff.offer_on_low_confidence" label="Offer a person when the bot is in doubt" />
      </Card>
      <Card title="Business hours">
        <Switch label="People are there at certain hours only" hint={hours === null ? "Now: always." : undefined} checked={hours !== null} disabled={!mayChange} onChange={(isLimited) => set("handoff.business_hours", isLimited ? freshHours() : null)} />
        {hours !== null && <BusinessHours hours={hours} />}
        <Sentences at="handoff.away_message" label="What visitors read while nobody is there" />
      </Card>
    </>
  );
}
