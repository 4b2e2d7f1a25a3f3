import { Link } from "../../design";
import { quoteId } from "./AnswerText";
import style from "./Playground.module.css";
import { whereOf, type Citation } from "./run";

/** What the answer is proven by; each leads to the quote in its document. */
export function Citations({ citations, projectId, runId }: { citations: readonly Citation[]; projectId: string; runId: string }) {
  if (citations.length === 0) return null;
  return (
    <ol className={style.quotes} aria-label="Sources of the answer">
      {citations.map((citation) => (
        <li key={citation.id} id={quoteId(runId, citation.index)} className={style.quote} tabIndex={-1}>
          <span className={style.index} aria-hidden>
            {citation.index}
          </span>
          <div>
            <blockquote>{citation.quote}</blockquote>
            <p className={style.soft}>
              <Link to={whereOf(projectId, citation)}>{citation.title ?? citation.url ?? "A document without a title"}</Link>
              {citation.locator.page !== null && `, page ${citation.locator.page}`}
              {citation.locator.heading_path.length > 0 && ` · ${citation.locator.heading_path.join(" › ")}`}
            </p>
          </div>
        </li>
      ))}
    </ol>
  );
}
