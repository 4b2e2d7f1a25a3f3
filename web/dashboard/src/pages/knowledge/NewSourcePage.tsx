import { useState } from "react";

import { useProject } from "../../app/project";
import { Page, PageHeader, Tabs } from "../../design";
import { FileForm } from "./FileForm";
import style from "./Knowledge.module.css";
import { TextForm } from "./TextForm";
import { UrlForm } from "./UrlForm";

/** Adds to what the bot knows. */
export function NewSourcePage() {
  const { id } = useProject();
  const [kind, setKind] = useState("url");
  const tabs = [
    { value: "url", label: "Page", content: <UrlForm projectId={id} /> },
    { value: "file", label: "Files", content: <FileForm projectId={id} /> },
    { value: "raw", label: "Text", content: <TextForm projectId={id} /> },
  ];
  return (
    <Page>
      <PageHeader title="Add a source" back={{ to: `/projects/${id}/knowledge`, label: "Knowledge" }} />
      <div className={style.form}>
        <Tabs label="Kind of source" tabs={tabs} value={kind} onChange={setKind} />
      </div>
    </Page>
  );
}
