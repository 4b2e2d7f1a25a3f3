import { useSearchParams } from "react-router";

import { Card, CodeBlock, Link, Tabs } from "../../design";
import { useDraft } from "./draft";
import { snippets } from "./snippets";
import style from "./Widgets.module.css";

/** The line to put into a site. */
export function InstallTab() {
  const { widget, projectId } = useDraft();
  const [search, setSearch] = useSearchParams();
  const all = snippets(window.location.origin, widget.embed_key);
  const value = all.find((one) => one.value === search.get("for"))?.value ?? "html";
  const domains = widget.security?.allowed_domains ?? [];
  const tabs = all.map(({ value: name, label, steps, code }) => ({
    value: name,
    label,
    content: (
      <div className={style.list}>
        <ol className={style.steps}>
          {steps.map((step) => (
            <li key={step}>{step}</li>
          ))}
        </ol>
        <CodeBlock label={`code for ${label}`} code={code} />
      </div>
    ),
  }));
  return (
    <Card title="Put it on your site">
      <p>
        {domains.length === 0 ? "It works on localhost only. For your site, " : `It works on ${domains.join(", ")}. For another site, `}
        <Link to={`/projects/${projectId}/widgets/${widget.id}/security`}>allow its domain</Link>.
      </p>
      <Tabs label="Kind of site" tabs={tabs} value={value} onChange={(next) => setSearch({ for: next }, { replace: true })} />
      <p className={style.soft}>The embed key is public: it names this widget and opens nothing else. With a Content-Security-Policy your pages need {window.location.origin} in script-src and connect-src.</p>
    </Card>
  );
}
