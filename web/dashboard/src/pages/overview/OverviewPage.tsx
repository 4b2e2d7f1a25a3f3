import { useProject } from "../../app/project";
import { Badge, ButtonLink, CodeBlock, ErrorNote, Page, PageHeader, Skeleton } from "../../design";
import { AskOnce } from "./AskOnce";
import { Step } from "./Step";
import { useProgress } from "./steps";

/** Four steps from nothing to a bot on a site, each with its real state; the first that is open says what to do. */
export function OverviewPage() {
  const project = useProject();
  const { data, error, refetch } = useProgress(project.id);
  if (data === undefined) {
    return (
      <Page>
        <PageHeader title="Overview" />
        {error ? <ErrorNote error={error} onRetry={() => void refetch()} /> : <Skeleton lines={8} />}
      </Page>
    );
  }
  const knowledge = `/projects/${project.id}/knowledge`;
  const next = [data.isTaught, data.isTried, data.isOwn, data.isOnSite].indexOf(false);
  const isTeaching = !data.isTaught && data.sources.length > 0;
  return (
    <Page>
      <PageHeader title="Overview" words={next === -1 ? "Everything is set up." : "Four steps to a bot that answers on your site."} />
      <ol>
        <Step title="Teach it" isDone={data.isTaught} isNext={next === 0} note={isTeaching ? <Badge tone="busy">Reading</Badge> : null}>
          <p>Give it a page of your site, a file or a text. It answers from these, and from nothing else.</p>
          <ButtonLink kind="primary" to={isTeaching ? knowledge : `${knowledge}/new`}>
            {isTeaching ? "See how far it is" : "Add a source"}
          </ButtonLink>
        </Step>
        <Step title="Try it" isDone={data.isTried} isNext={next === 1}>
          <p>Ask what a customer would ask. Every sentence of the answer is cited.</p>
          <AskOnce projectId={project.id} />
        </Step>
        <Step title="Make it yours" isDone={data.isOwn} isNext={next === 2}>
          <p>Give the chat window your name, your colours and a greeting, and see at once how it looks.</p>
          {data.widget && (
            <ButtonLink kind="primary" to={`/projects/${project.id}/widgets/${data.widget.id}`}>
              Design the chat window
            </ButtonLink>
          )}
        </Step>
        <Step title="Put it on your site" isDone={data.isOnSite} isNext={next === 3}>
          <p>Paste this line into your pages, before the end of the body. This step is done with the first question of a visitor.</p>
          {data.widget && <CodeBlock label="embed code" code={`<script src="${window.location.origin}/widget.js" data-key="${data.widget.embed_key}" defer></script>`} />}
        </Step>
      </ol>
    </Page>
  );
}
