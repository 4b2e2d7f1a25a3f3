import { Check } from "lucide-react";
import { useRef, useState, type ReactNode } from "react";

import { Button } from "../../design";
import style from "./Step.module.css";

interface StepProps {
  title: string;
  isDone: boolean;
  /** The first that is open: it is unfolded. */
  isNext: boolean;
  note?: ReactNode;
  children: ReactNode;
}

export function Step({ title, isDone, isNext, note, children }: StepProps) {
  const [chosen, setChosen] = useState<boolean | null>(null);
  const wasNext = useRef(isNext); // what was unfolded stays so when it is done: an answer is not taken away
  wasNext.current ||= isNext;
  const isOpen = isNext || (chosen ?? wasNext.current);
  return (
    <li className={style.step}>
      <span className={isDone ? style.done : style.open} aria-hidden>
        {isDone && <Check size={15} />}
      </span>
      <div className={style.body}>
        <div className={style.head}>
          <h2>
            {title}
            <span className="visually-hidden">{isDone ? ", done" : ", open"}</span>
          </h2>
          {note}
          {!isNext && (
            <Button kind="quiet" aria-expanded={isOpen} aria-label={`${isOpen ? "Hide" : "Show"} “${title}”`} onClick={() => setChosen(!isOpen)}>
              {isOpen ? "Hide" : "Show"}
            </Button>
          )}
        </div>
        {isOpen && <div className={style.content}>{children}</div>}
      </div>
    </li>
  );
}
