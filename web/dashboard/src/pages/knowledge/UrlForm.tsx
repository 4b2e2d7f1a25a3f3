import { useState } from "react";

import { errorAt, errorBeside } from "../../api";
import { Button, ErrorNote, Form, FormActions, Select, TextInput } from "../../design";
import { useAdding } from "./adding";
import { CommonFields, commonOf, NOTHING_COMMON } from "./CommonFields";
import { CrawlFields, crawlOf, NEW_CRAWL } from "./CrawlFields";

/** One page of the web, or a site from there on. */
export function UrlForm({ projectId }: { projectId: string }) {
  const [url, setUrl] = useState("");
  const [isSite, setSite] = useState(false);
  const [crawl, setCrawl] = useState(NEW_CRAWL);
  const [common, setCommon] = useState(NOTHING_COMMON);
  const add = useAdding(projectId);
  const whole = /^[a-z]+:/i.test(url.trim()) ? url.trim() : `https://${url.trim()}`;
  const beside = errorBeside(add.error, "url", "tags", "refresh_interval");
  return (
    <Form onSubmit={() => add.mutate({ type: "url", url: whole, ...(isSite ? { crawl: crawlOf(crawl) } : {}), ...commonOf(common) })}>
      <TextInput label="Address" type="url" inputMode="url" placeholder="https://example.com/help" autoComplete="url" value={url} error={errorAt(add.error, "url")} onChange={(event) => setUrl(event.target.value)} />
      <Select label="What to read" value={isSite ? "site" : "page"} onChange={(event) => setSite(event.target.value === "site")}>
        <option value="page">This page alone</option>
        <option value="site">The site from this page on</option>
      </Select>
      {isSite && <CrawlFields value={crawl} onChange={setCrawl} />}
      <CommonFields value={common} error={add.error} onChange={setCommon} />
      {beside && <ErrorNote error={beside} />}
      <FormActions>
        <Button kind="primary" type="submit" pending={add.isPending}>
          {isSite ? "Add site" : "Add page"}
        </Button>
      </FormActions>
    </Form>
  );
}
