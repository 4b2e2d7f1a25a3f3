import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { api, errorAt, errorBeside, keys, take, useCan, type Wire } from "../../../api";
import { useProject } from "../../../app/project";
import { Card, ErrorNote, PageHeader, Skeleton, TextInput, Time } from "../../../design";
import { DaysTable } from "../shared/DaysTable";
import { count, money } from "../shared/numbers";
import style from "../shared/Settings.module.css";
import { SettingsForm } from "../shared/SettingsForm";
import { UseMeter } from "../shared/UseMeter";
import { useSaving } from "./saving";

/** What language models may cost this project a day, and what they did cost. */
export function BudgetPage() {
  const { id } = useProject();
  const usage = useQuery({
    queryKey: keys.project(id, "usage"),
    queryFn: () => take(api.GET("/v1/projects/{project_id}/usage", { params: { path: { project_id: id } } })),
  });
  return (
    <>
      <PageHeader title="Budget" words="What language models may take for this project a day, and what it used this month." />
      <div className={style.form}>
        {usage.data?.budget != null && <Today budget={usage.data.budget} />}
        <BudgetForm />
      </div>
      <h2>This month</h2>
      {usage.data ? <DaysTable usage={usage.data} /> : usage.error ? <ErrorNote error={usage.error} onRetry={() => void usage.refetch()} /> : <Skeleton lines={5} />}
    </>
  );
}

function Today({ budget }: { budget: Wire["BudgetOut"] }) {
  const dollars = (value: number) => money(String(value));
  return (
    <Card title="Today">
      <div className={style.meters}>
        <UseMeter label="Tokens" used={budget.tokens.spent} limit={budget.tokens.limit} />
        <UseMeter label="Cost" used={Number(budget.cost.spent)} limit={budget.cost.limit === null ? null : Number(budget.cost.limit)} said={dollars} />
      </div>
      <p className={style.note}>
        {budget.calls_refused > 0 && `${count(budget.calls_refused)} answers had no room in it and were given in the words of your documents. `}
        It starts anew <Time at={budget.resets_at} />.
      </p>
    </Card>
  );
}

function BudgetForm() {
  const { budget } = useProject();
  const [tokens, setTokens] = useState(budget.tokens_per_day == null ? "" : String(budget.tokens_per_day));
  const [cost, setCost] = useState(budget.cost_per_day ?? "");
  const save = useSaving();
  const body = { tokens_per_day: tokens.trim() === "" ? null : Number(tokens), cost_per_day: cost.trim() === "" ? null : cost.trim() };
  return (
    <SettingsForm
      title="Budget of a day"
      words="When it is used up, the bot goes on answering in the words of your documents until midnight UTC. Owners and admins get a mail."
      mayChange={useCan("*")}
      isPending={save.isPending}
      error={errorBeside(save.error, "budget.tokens_per_day", "budget.cost_per_day")}
      onSave={() => save.mutate({ budget: body })}
    >
      <TextInput
        label="Tokens"
        optional
        inputMode="numeric"
        hint="Read and written together. Empty: as this install has it. 0: never a language model."
        value={tokens}
        error={errorAt(save.error, "budget.tokens_per_day")}
        onChange={(event) => setTokens(event.target.value)}
      />
      <TextInput label="US dollars" optional inputMode="decimal" placeholder="2.50" hint="By the prices that the operator of this install has set." value={cost} error={errorAt(save.error, "budget.cost_per_day")} onChange={(event) => setCost(event.target.value)} />
    </SettingsForm>
  );
}
