import { useState } from "react";

import { errorAt, errorBeside } from "../../api";
import { Button, ErrorNote, Form, FormActions, TextArea, TextInput } from "../../design";
import { useAdding } from "./adding";
import { CommonFields, commonOf, NOTHING_COMMON } from "./CommonFields";

/** A text written or pasted here. */
export function TextForm({ projectId }: { projectId: string }) {
  const [title, setTitle] = useState("");
  const [text, setText] = useState("");
  const [common, setCommon] = useState(NOTHING_COMMON);
  const add = useAdding(projectId);
  const beside = errorBeside(add.error, "title", "text", "tags");
  return (
    <Form onSubmit={() => add.mutate({ type: "raw", text, format: "markdown", ...(title.trim() === "" ? {} : { title }), ...commonOf(common) })}>
      <TextInput label="Title" optional hint="Visitors see it where an answer cites this text." value={title} error={errorAt(add.error, "title")} onChange={(event) => setTitle(event.target.value)} />
      <TextArea label="Your text" hint="Markdown is understood." rows={8} value={text} error={errorAt(add.error, "text")} onChange={(event) => setText(event.target.value)} />
      <CommonFields value={common} error={add.error} hasOrigin={false} onChange={setCommon} />
      {beside && <ErrorNote error={beside} />}
      <FormActions>
        <Button kind="primary" type="submit" pending={add.isPending}>
          Add text
        </Button>
      </FormActions>
    </Form>
  );
}
