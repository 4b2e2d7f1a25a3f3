import { ArrowLeft, Bot, CircleCheck, Ellipsis, Eye, Hand, Trash2, UserPlus, UserX } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { useLocation } from "react-router";

import { useCan, useMe } from "../../api";
import { Badge, Button, ButtonLink, IconButton, Menu, MenuChoice, MenuItem, MenuLine } from "../../design";
import { STATES, subjectOf, visitorOf, waitsSince, type Thread } from "./conversation";
import { DeleteDialog } from "./DeleteDialog";
import { EscalateDialog } from "./EscalateDialog";
import style from "./Thread.module.css";
import { useKeys } from "./keyboard";
import { hasMasked } from "./masked";
import { MaskedDialog } from "./MaskedDialog";
import { Tags } from "./Tags";
import { useActions } from "./useActions";
import { useIsNarrow } from "./useIsNarrow";
import { useColleagues, useNames } from "./useNames";
import { Waited } from "./Waited";

/** What it is about, whose it is, and what can be done with it. */
export function ThreadHead({ thread }: { thread: Thread }) {
  const { search } = useLocation();
  const mayChange = useCan("conversations");
  const actions = useActions(thread);
  const nameOf = useNames();
  const [state, tone] = STATES[thread.status];
  const since = waitsSince(thread);
  const isNarrow = useIsNarrow();
  const Title = isNarrow ? "h1" : "h2"; // alone on the page it is the page's own
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (isNarrow) title.current?.focus({ preventScroll: true });
  }, [isNarrow]);
  return (
    <header className={style.threadHead}>
      <div className={style.titleLine}>
        <span className={style.backToList}>
          <ButtonLink kind="quiet" icon={ArrowLeft} to={{ pathname: "..", search }} aria-label="Back to the list">
            {null}
          </ButtonLink>
        </span>
        <Title ref={title} tabIndex={-1} className={style.title}>{subjectOf(thread)}</Title>
      </div>
      {mayChange && <Buttons thread={thread} actions={actions} />}
      <div className={style.facts}>
        <Badge tone={tone}>{since === null ? state : <Waited since={since} />}</Badge>
        {visitorOf(thread) !== null && <span>{visitorOf(thread)}</span>}
        <span>{thread.assignee === null ? "Not assigned" : `Assigned: ${nameOf(thread.assignee)}`}</span>
        <Tags thread={thread} onChange={mayChange ? (tags) => actions.change.mutate({ tags }) : null} />
      </div>
    </header>
  );
}

function Buttons({ thread, actions }: { thread: Thread; actions: ReturnType<typeof useActions> }) {
  const me = useMe().user.id;
  const isMine = thread.assignee === me && thread.status === "human";
  const isWithPeople = thread.status === "waiting_human" || thread.status === "human";
  const take = () => isMine || actions.assign(me);
  const close = () => thread.status === "closed" || actions.close();
  useKeys({ a: take, e: close });
  return (
    <div className={style.buttons}>
      {!isMine && thread.status !== "closed" && (
        <Button kind={thread.status === "waiting_human" ? "primary" : "secondary"} icon={Hand} pending={actions.isPending} onClick={take}>
          Take
        </Button>
      )}
      {isWithPeople && (
        <Button icon={Bot} pending={actions.isPending} onClick={() => actions.handBack.mutate()}>
          Hand back
        </Button>
      )}
      {thread.status !== "closed" && (
        <Button icon={CircleCheck} pending={actions.isPending} onClick={close}>
          Close
        </Button>
      )}
      <MoreMenu thread={thread} actions={actions} />
    </div>
  );
}

function MoreMenu({ thread, actions }: { thread: Thread; actions: ReturnType<typeof useActions> }) {
  const colleagues = useColleagues();
  const [open, setOpen] = useState<"delete" | "escalate" | "masked" | null>(null);
  const isInQueue = thread.status === "waiting_human" || thread.status === "human";
  return (
    <>
      <Menu trigger={<IconButton icon={Ellipsis} label="More about this conversation" />}>
        <MenuChoice label="Assign to" value={thread.assignee ?? ""} options={colleagues.map((one) => ({ value: one.user_id, label: one.name || one.email }))} onChange={actions.assign} />
        {thread.assignee !== null && (
          <MenuItem icon={UserX} onSelect={() => actions.assign(null)}>
            Assign to nobody
          </MenuItem>
        )}
        <MenuLine />
        {!isInQueue && (
          <MenuItem icon={UserPlus} onSelect={() => setOpen("escalate")}>
            Pass on to a person
          </MenuItem>
        )}
        {hasMasked(thread) && (
          <MenuItem icon={Eye} onSelect={() => setOpen("masked")}>
            Show masked values
          </MenuItem>
        )}
        <MenuItem icon={Trash2} dangerous onSelect={() => setOpen("delete")}>
          Delete
        </MenuItem>
      </Menu>
      <DeleteDialog thread={thread} isOpen={open === "delete"} onClose={() => setOpen(null)} />
      <MaskedDialog thread={thread} isOpen={open === "masked"} onClose={() => setOpen(null)} />
      <EscalateDialog thread={thread} isOpen={open === "escalate"} onClose={() => setOpen(null)} />
    </>
  );
}
