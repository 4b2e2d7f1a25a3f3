import { Check, Copy } from "lucide-react";
import { useEffect, useState } from "react";

import { IconButton } from "./Button";
import style from "./Page.module.css";
import { useToast } from "./Toast";

const SAID_FOR_MS = 2_000;

/** Puts `text` on the clipboard and says so. */
export function CopyButton({ text, label = "Copy" }: { text: string; label?: string }) {
  const toast = useToast();
  const [isCopied, setCopied] = useState(false);
  useEffect(() => {
    if (!isCopied) return undefined;
    const timer = setTimeout(() => setCopied(false), SAID_FOR_MS);
    return () => clearTimeout(timer);
  }, [isCopied]);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setCopied(true);
    } catch {
      toast({ message: "This browser does not let pages copy here. Select the text and copy it by hand." });
    }
  };
  return (
    <>
      <IconButton icon={isCopied ? Check : Copy} label={isCopied ? "Copied" : label} onClick={copy} />
      <span role="status" className="visually-hidden">
        {isCopied ? "Copied" : ""}
      </span>
    </>
  );
}

/** Lines to copy somewhere else: a snippet, a key, an address. */
export function CodeBlock({ code, label }: { code: string; label: string }) {
  return (
    <div className={style.code}>
      <pre tabIndex={0} aria-label={label} role="region">
        <code>{code}</code>
      </pre>
      <CopyButton text={code} label={`Copy ${label}`} />
    </div>
  );
}
