import { Button } from "./Button";
import style from "./Notes.module.css";

interface ErrorNoteProps {
  error: Error;
  onRetry?: () => void;
}

/** What went wrong, in words of the server, with the id by which it is found in its log. */
export function ErrorNote({ error, onRetry }: ErrorNoteProps) {
  const id = "requestId" in error && typeof error.requestId === "string" ? error.requestId : null;
  return (
    <div role="alert" className={style.error}>
      <div className={style.words}>
        <p>{error.message}</p>
        {id !== null && (
          <p className={style.id}>
            Request <code>{id}</code>
          </p>
        )}
      </div>
      {onRetry && <Button onClick={onRetry}>Try again</Button>}
    </div>
  );
}
