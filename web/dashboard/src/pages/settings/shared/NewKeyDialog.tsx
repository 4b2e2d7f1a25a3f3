import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { errorAt, errorBeside } from "../../../api";
import { Dialog, DialogActions, ErrorNote, Form, Select, TextInput } from "../../../design";
import { DAY_MS, secretOf } from "./keySecret";
import type { KeyHome } from "./keyHomes";
import { SCOPES } from "./scopes";
import type { Secret } from "./SecretDialog";
import style from "./Settings.module.css";

const ENDS: readonly (readonly [number, string])[] = [
  [0, "Never"],
  [30, "In 30 days"],
  [90, "In 90 days"],
  [365, "In a year"],
];
const NO_SCOPE = "Choose at least one thing that it may do.";

/** A key to be made: what for, what it may do, until when. */
export function NewKeyDialog({ home, onMade, onClose }: { home: KeyHome; onMade: (secret: Secret) => void; onClose: () => void }) {
  const [name, setName] = useState("");
  const [isAll, setAll] = useState(true);
  const [rights, setRights] = useState<Record<string, string>>({ query: "query" });
  const [days, setDays] = useState(0);
  const client = useQueryClient();
  const chosen = Object.values(rights).filter((scope) => scope !== "");
  const make = useMutation({
    mutationFn: () => {
      if (!isAll && chosen.length === 0) throw new Error(NO_SCOPE);
      return home.make({ name, scopes: isAll ? ["*"] : chosen, ...(days === 0 ? {} : { expires_at: new Date(Date.now() + days * DAY_MS).toISOString() }) });
    },
    onSuccess: async (made) => {
      onMade(secretOf(made));
      await client.invalidateQueries({ queryKey: home.queryKey });
    },
  });
  const beside = errorBeside(make.error, "name");
  return (
    <Dialog title="Create a key" wide isOpen onClose={onClose}>
      <Form onSubmit={() => make.mutate()}>
        <TextInput label="Name" hint="Where it will be used." placeholder="Our web shop" autoComplete="off" value={name} error={errorAt(make.error, "name")} onChange={(event) => setName(event.target.value)} />
        <Select label="It may do" value={isAll ? "all" : "some"} onChange={(event) => setAll(event.target.value === "all")}>
          <option value="all">Everything</option>
          <option value="some">Only what is chosen here</option>
        </Select>
        {!isAll && (
          <div className={style.pairs} role="group" aria-label="What it may do">
            {SCOPES.map(([scope, label]) => (
              <Select key={scope} label={label} value={rights[scope] ?? ""} onChange={(event) => setRights({ ...rights, [scope]: event.target.value })}>
                <option value="">No</option>
                {scope !== "query" && <option value={`${scope}:read`}>Read</option>}
                <option value={scope}>{scope === "query" ? "Yes" : "Read and change"}</option>
              </Select>
            ))}
          </div>
        )}
        <Select label="It ends" value={days} onChange={(event) => setDays(Number(event.target.value))}>
          {ENDS.map(([value, label]) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </Select>
        {beside && <ErrorNote error={beside} />}
        <DialogActions action="Create key" pending={make.isPending} onCancel={onClose} />
      </Form>
    </Dialog>
  );
}
