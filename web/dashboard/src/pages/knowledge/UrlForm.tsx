import { useState } from "react";

import { errorAt, errorBeside } from "../../api";
import { Button, ErrorNote, Form, FormActions, TextInput } from "../../design";
import { useAdding } from "./adding";

/** One page of the web. */
export function UrlForm({ projectId }: { projectId: string }) {
  const [url, setUrl] = useState("");
  const add = useAdding(projectId);
  const whole = /^[a-z]+:/i.test(url.trim()) ? url.trim() : `https://${url.trim()}`;
  const beside = errorBeside(add.error, "url");
  return (
    <Form onSubmit={() => add.mutate({ type: "url", url: whole })}>
      <TextInput label="Address" type="url" inputMode="url" placeholder="https://example.com/help" autoComplete="url" value={url} error={errorAt(add.error, "url")} onChange={(event) => setUrl(event.target.value)} />
      {beside && <ErrorNote error={beside} />}
      <FormActions>
        <Button kind="primary" type="submit" pending={add.isPending}>
          Add page
        </Button>
      </FormActions>
    </Form>
  );
}
