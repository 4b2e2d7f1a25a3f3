import { useState } from "react";

import { ApiError, errorAt, errorBeside } from "../../api";
import { Button, ErrorNote, Form, FormActions, Select, TextArea, TextInput } from "../../design";
import { AccountFields } from "./AccountFields";
import { useAdding } from "./adding";
import { CommonFields, commonOf, NOTHING_COMMON } from "./CommonFields";
import type { NewSource } from "./source";

const FIELDS = ["url", "file_id", "folder_id", "credentials", "account_id", "tags", "refresh_interval"];

/** A file or a folder of Google Drive, read with the key of a service account or with a person's own account. */
export function DriveForm({ projectId }: { projectId: string }) {
  const [url, setUrl] = useState("");
  const [isAccount, setAccount] = useState(false);
  const [key, setKey] = useState("");
  const [accountId, setAccountId] = useState("");
  const [common, setCommon] = useState(NOTHING_COMMON);
  const add = useAdding(projectId);
  const parsed = isAccount ? null : credentialsOf(key);
  const isUnreadable = parsed instanceof ApiError && add.isError;
  const beside = errorBeside(add.error, ...FIELDS);
  const send = () => {
    const access: Partial<NewSource> = isAccount ? { account_id: accountId } : { credentials: parsed instanceof ApiError ? {} : parsed };
    add.mutate({ type: "drive", url: url.trim(), ...access, ...commonOf(common) });
  };
  return (
    <Form onSubmit={send}>
      <TextInput label="Link to the file or folder" type="url" inputMode="url" placeholder="https://drive.google.com/drive/folders/…" value={url} error={errorAt(add.error, "url", "file_id", "folder_id")} onChange={(event) => setUrl(event.target.value)} />
      <Select label="Read it with" value={isAccount ? "account" : "key"} onChange={(event) => setAccount(event.target.value === "account")}>
        <option value="key">A service account</option>
        <option value="account">A connected Google account</option>
      </Select>
      {isAccount ? (
        <AccountFields projectId={projectId} value={accountId} error={errorAt(add.error, "account_id")} onChange={setAccountId} onPicked={setUrl} />
      ) : (
        <TextArea
          label="Key of the service account"
          rows={5}
          spellCheck={false}
          autoComplete="off"
          placeholder='{"type": "service_account", …}'
          hint="The whole JSON file that Google gave you. Share the file or folder with the account’s address as a viewer. The key is kept sealed and never shown again."
          value={key}
          error={isUnreadable ? parsed.message : errorAt(add.error, "credentials")}
          onChange={(event) => setKey(event.target.value)}
        />
      )}
      <CommonFields value={common} error={add.error} onChange={setCommon} />
      {beside && !isUnreadable && <ErrorNote error={beside} />}
      <FormActions>
        <Button kind="primary" type="submit" pending={add.isPending}>
          Add from Drive
        </Button>
      </FormActions>
    </Form>
  );
}

/** The key as an object, or what is wrong with what was pasted. */
function credentialsOf(text: string): Record<string, unknown> | ApiError {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // said below
  }
  return new ApiError("This is not the JSON file of a key. Paste all of it, from the first brace to the last.", { code: "unreadable", status: 0, param: "credentials" });
}
