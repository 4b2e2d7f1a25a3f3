import { useSearchParams } from "react-router";

import { useProject } from "../../app/project";
import { Page, PageHeader, Tabs } from "../../design";
import { DriveForm } from "./DriveForm";
import { FileForm } from "./FileForm";
import { GithubForm } from "./GithubForm";
import style from "./Knowledge.module.css";
import { TextForm } from "./TextForm";
import { UrlForm } from "./UrlForm";

/** Adds to what the bot knows; the kind stands in the address. */
export function NewSourcePage() {
  const { id } = useProject();
  const [search, setSearch] = useSearchParams();
  const tabs = [
    { value: "url", label: "Page or site", content: <UrlForm projectId={id} /> },
    { value: "file", label: "Files", content: <FileForm projectId={id} /> },
    { value: "raw", label: "Text", content: <TextForm projectId={id} /> },
    { value: "github", label: "GitHub", content: <GithubForm projectId={id} /> },
    { value: "drive", label: "Google Drive", content: <DriveForm projectId={id} /> },
  ];
  const asked = search.get("kind");
  const kind = tabs.find((tab) => tab.value === asked)?.value ?? "url";
  return (
    <Page>
      <PageHeader title="Add a source" back={{ to: `/projects/${id}/knowledge`, label: "Knowledge" }} />
      <div className={style.form}>
        <Tabs label="Kind of source" tabs={tabs} value={kind} onChange={(value) => setSearch({ kind: value }, { replace: true })} />
      </div>
    </Page>
  );
}
