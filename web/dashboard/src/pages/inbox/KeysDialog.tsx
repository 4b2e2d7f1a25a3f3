import { useState } from "react";

import { Dialog, Switch } from "../../design";
import style from "./Inbox.module.css";
import { areKeysOn, turnKeys } from "./keyboard";

const KEYS: readonly [key: string, does: string][] = [
  ["j", "Next conversation"],
  ["k", "Previous conversation"],
  ["r", "Write a reply"],
  ["a", "Take the conversation"],
  ["e", "Close the conversation"],
  ["/", "Search"],
  ["?", "Show these keys"],
  ["Ctrl Enter", "Send the reply (⌘ Enter on a Mac)"],
];

/** What the keys of the inbox do. */
export function KeysDialog({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const [isOn, setOn] = useState(areKeysOn);
  const turn = (on: boolean) => {
    turnKeys(on);
    setOn(on);
  };
  return (
    <Dialog title="Keyboard shortcuts" isOpen={isOpen} onClose={onClose}>
      <dl className={style.keys}>
        {KEYS.map(([key, does]) => (
          <div key={key}>
            <dt>
              <kbd className={style.key}>{key}</kbd>
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
      <div className={style.keySwitch}>
        <Switch label="Keys of one letter work" hint="They never do while you type." checked={isOn} onChange={turn} />
      </div>
    </Dialog>
  );
}
