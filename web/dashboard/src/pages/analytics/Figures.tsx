import type { Wire } from "../../api";
import style from "./Analytics.module.css";
import { count, duration, money, NOTHING, percent } from "./words";

/** The period in a few large numbers. */
export function Figures({ seen, usage }: { seen: Wire["OverviewOut"]; usage: Wire["Amounts"] }) {
  const { conversations, messages, confidence, latency_ms: latency } = seen;
  const resolved = (conversations.by_resolution["confirmed"] ?? 0) + (conversations.by_resolution["assumed"] ?? 0);
  const rating = conversations.mean_csat === null ? NOTHING : conversations.mean_csat.toFixed(1);
  const figures: [string, string, string][] = [
    ["Conversations", count(conversations.total), `${count(conversations.with_lead)} left an address`],
    ["Questions", count(messages.questions), `${count(messages.answered)} answered, ${count(messages.refused)} refused`],
    ["Answer rate", percent(messages.answer_rate), "of all questions"],
    ["Resolved by the bot", percent(conversations.total === 0 ? null : resolved / conversations.total), `${count(resolved)} of ${count(conversations.total)} conversations`],
    ["Handed over", count(conversations.escalated), `${count(messages.agent_replies)} ${messages.agent_replies === 1 ? "reply" : "replies"} by your team`],
    ["Rating", rating, `${count(conversations.rated)} rated`],
    ["Confidence", percent(confidence.mean), "on average"],
    ["Time to answer", duration(latency.p50), `1 in 20 takes over ${duration(latency.p95)}`],
    ["Model cost", money(usage.cost), `${count(usage.input_tokens + usage.output_tokens)} tokens`],
  ];
  return (
    <dl className={style.figures}>
      {figures.map(([name, value, words]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd className={style.large}>{value}</dd>
          <dd className={style.soft}>{words}</dd>
        </div>
      ))}
    </dl>
  );
}
