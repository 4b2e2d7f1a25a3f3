import { MoreHorizontal, Plus } from "lucide-react";
import { useState } from "react";

import { useKeysetList } from "../../../api";
import { Badge, Button, EmptyState, IconButton, Menu, MenuItem, PageHeader, Table, Time, type Column } from "../../../design";
import { RenameKey, RevokeKey, RotateKey } from "./KeyDialogs";
import type { Key, KeyHome } from "./keyHomes";
import { NewKeyDialog } from "./NewKeyDialog";
import { SecretDialog, type Secret } from "./SecretDialog";
import { rightsOf } from "./scopes";
import style from "./Settings.module.css";

type Doing = { act: "rename" | "rotate" | "revoke"; key: Key } | { act: "make" } | null;

/** Keys with all that can be done to them. */
export function KeysPart({ home, title, words }: { home: KeyHome; title: string; words: string }) {
  const [doing, setDoing] = useState<Doing>(null);
  const [secret, setSecret] = useState<Secret | null>(null);
  const list = useKeysetList<Key>(home.queryKey, home.list);
  const close = () => setDoing(null);
  const tell = (told: Secret) => {
    close();
    setSecret(told);
  };
  const make = (
    <Button kind="primary" icon={Plus} onClick={() => setDoing({ act: "make" })}>
      Create a key
    </Button>
  );
  const at = (act: string) => (doing !== null && "key" in doing && doing.act === act ? doing.key : null);
  return (
    <>
      <PageHeader title={title} words={words} actions={list.rows.length > 0 ? make : null} />
      <Table
        label={title}
        list={list}
        columns={columns((act, key) => setDoing({ act, key }))}
        rowKey={(key) => key.id}
        empty={
          <EmptyState title="There is no key yet" action={make}>
            Your own programs call the API with a key.
          </EmptyState>
        }
      />
      {doing?.act === "make" && <NewKeyDialog home={home} onMade={tell} onClose={close} />}
      {at("rename") && <RenameKey home={home} row={at("rename") as Key} onClose={close} />}
      {at("rotate") && <RotateKey home={home} row={at("rotate") as Key} onRotated={tell} onClose={close} />}
      {at("revoke") && <RevokeKey home={home} row={at("revoke") as Key} onClose={close} />}
      <SecretDialog secret={secret} onClose={() => setSecret(null)} />
    </>
  );
}

function columns(act: (what: "rename" | "rotate" | "revoke", key: Key) => void): Column<Key>[] {
  return [
    { label: "Key", cell: (key) => <NameAndKey row={key} /> },
    { label: "May", cell: (key) => rightsOf(key.scopes) },
    { label: "Last used", cell: (key) => (key.last_used_at === null ? "Never" : <Time at={key.last_used_at} />) },
    { label: "State", cell: (key) => <KeyState row={key} /> },
    {
      label: "Actions",
      isLabelHidden: true,
      align: "end",
      cell: (key) =>
        isOver(key) ? null : (
          <Menu trigger={<IconButton icon={MoreHorizontal} label={`What to do with ${key.name}, ${key.key}`} />}>
            <MenuItem onSelect={() => act("rename", key)}>Rename</MenuItem>
            <MenuItem onSelect={() => act("rotate", key)}>Rotate</MenuItem>
            <MenuItem dangerous onSelect={() => act("revoke", key)}>
              Revoke
            </MenuItem>
          </Menu>
        ),
    },
  ];
}

function NameAndKey({ row }: { row: Key }) {
  return (
    <span className={style.stack}>
      <span>{row.name}</span>
      <span className={style.code}>{row.key}</span>
    </span>
  );
}

function isOver(key: Key): boolean {
  return key.revoked_at !== null || (key.expires_at !== null && new Date(key.expires_at) <= new Date());
}

function KeyState({ row }: { row: Key }) {
  if (row.revoked_at !== null) return <Badge tone="bad">Revoked</Badge>;
  if (isOver(row)) return <Badge>Expired</Badge>;
  if (row.expires_at === null) return <Badge tone="good">Works</Badge>;
  return (
    <span className={style.stack}>
      <Badge tone="good">Works</Badge>
      <span className={style.note}>
        Ends <Time at={row.expires_at} />
      </span>
    </span>
  );
}
