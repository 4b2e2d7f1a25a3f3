import { useState } from "react";

import { errorAt, errorBeside } from "../../api";
import { Button, ErrorNote, Form, FormActions, PasswordInput, TextArea, TextInput } from "../../design";
import { useAdding } from "./adding";
import { CommonFields, commonOf, NOTHING_COMMON } from "./CommonFields";
import style from "./Knowledge.module.css";
import { listed } from "./source";

const NOTHING = { repository: "", ref: "", path: "", include: "", exclude: "", token: "", base_url: "" };
const FIELDS = ["repository", "ref", "path", "token", "base_url", "include", "exclude", "tags", "refresh_interval"];

/** The documents of a repository. */
export function GithubForm({ projectId }: { projectId: string }) {
  const [typed, setTyped] = useState(NOTHING);
  const [common, setCommon] = useState(NOTHING_COMMON);
  const add = useAdding(projectId);
  const beside = errorBeside(add.error, ...FIELDS);
  const field = (name: keyof typeof NOTHING) => ({
    value: typed[name],
    autoComplete: "off",
    error: errorAt(add.error, name),
    onChange: (event: { target: { value: string } }) => setTyped({ ...typed, [name]: event.target.value }),
  });
  return (
    <Form onSubmit={() => add.mutate({ type: "github", ...sourceOf(typed), ...commonOf(common) })}>
      <TextInput label="Repository" placeholder="owner/name" hint="Or its address at GitHub." {...field("repository")} />
      <div className={style.pair}>
        <TextInput label="Branch, tag or commit" optional placeholder="The default branch" {...field("ref")} />
        <TextInput label="Folder or file" optional placeholder="docs" {...field("path")} />
      </div>
      <PasswordInput label="Token" optional hint="Needed for a private repository. It must be allowed to read contents, no more; it is kept sealed and never shown again." {...field("token")} />
      <TextArea label="Only these files" optional rows={2} placeholder="*.md" hint="One pattern a line. Without one, all documents are read and program text is left out." {...field("include")} />
      <TextArea label="Not these files" optional rows={2} placeholder="docs/archive/" {...field("exclude")} />
      <TextInput label="Address of your GitHub Enterprise server" optional placeholder="https://github.example.com/api/v3" {...field("base_url")} />
      <CommonFields value={common} error={add.error} onChange={setCommon} />
      {beside && <ErrorNote error={beside} />}
      <FormActions>
        <Button kind="primary" type="submit" pending={add.isPending}>
          Add repository
        </Button>
      </FormActions>
    </Form>
  );
}

/** What was typed; nothing of what was left empty. */
function sourceOf({ include, exclude, repository, ...others }: typeof NOTHING) {
  const given = Object.fromEntries(Object.entries(others).filter(([, value]) => value.trim() !== "")) as Partial<typeof others>;
  return {
    repository: repository.trim(),
    ...given,
    ...(include.trim() === "" ? {} : { include: listed(include) }),
    ...(exclude.trim() === "" ? {} : { exclude: listed(exclude) }),
  };
}
