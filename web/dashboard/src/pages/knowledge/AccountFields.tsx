import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { ExternalLink, RefreshCw } from "lucide-react";
import { useState } from "react";

import { api, keys, take, type Wire } from "../../api";
import { Button, ConfirmDialog, ErrorNote, FormActions, Select, Skeleton } from "../../design";

type Account = Wire["ConnectedAccountOut"];

interface AccountFieldsProps {
  projectId: string;
  value: string;
  error: string | null;
  onChange: (accountId: string) => void;
  /** The link to a file that was chosen while connecting. */
  onPicked: (url: string) => void;
}

/** Which connected account reads it, and the ways to connect one and to let one go. */
export function AccountFields({ projectId, value, error, onChange, onPicked }: AccountFieldsProps) {
  const key = keys.project(projectId, "connected-accounts");
  const path = { project_id: projectId };
  const accounts = useQuery({ queryKey: key, queryFn: () => take(api.GET("/v1/projects/{project_id}/connected-accounts", { params: { path } })) });
  const [authorizeUrl, setAuthorizeUrl] = useState<string | null>(null);
  const connect = useMutation({
    mutationFn: () => take(api.POST("/v1/projects/{project_id}/connected-accounts", { params: { path } })),
    onSuccess: (begun) => setAuthorizeUrl(begun.authorize_url),
  });
  if (accounts.data === undefined) return accounts.error ? <ErrorNote error={accounts.error} onRetry={() => void accounts.refetch()} /> : <Skeleton lines={2} />;
  const known = accounts.data.data;
  const chosen = known.find((account) => account.id === value);
  return (
    <>
      <Select label="Account" value={value} error={error} hint={known.length === 0 ? "No account is connected yet." : null} onChange={(event) => onChange(event.target.value)}>
        <option value="">{known.length === 0 ? "None" : "Choose one"}</option>
        {known.map((account) => (
          <option key={account.id} value={account.id}>
            {account.email}
            {account.status === "rejected" && " (connect it again)"}
          </option>
        ))}
      </Select>
      {chosen && chosen.picked_file_ids.length > 0 && <Picked account={chosen} onPicked={onPicked} />}
      {connect.error && <ErrorNote error={connect.error} />}
      <FormActions>
        {authorizeUrl === null ? (
          <Button pending={connect.isPending} onClick={() => connect.mutate()}>
            Connect an account
          </Button>
        ) : (
          <>
            <Button icon={ExternalLink} onClick={() => window.open(authorizeUrl, "_blank", "noopener")}>
              Go on at Google
            </Button>
            <Button kind="quiet" icon={RefreshCw} pending={accounts.isFetching} onClick={() => void accounts.refetch()}>
              I have connected it
            </Button>
          </>
        )}
        {chosen && <Disconnect account={chosen} onDone={() => onChange("")} />}
      </FormActions>
    </>
  );
}

function Picked({ account, onPicked }: { account: Account; onPicked: (url: string) => void }) {
  return (
    <Select label="What was chosen at Google" optional defaultValue="" hint="Takes its link over." onChange={(event) => event.target.value !== "" && onPicked(`https://drive.google.com/open?id=${event.target.value}`)}>
      <option value="">Choose one</option>
      {account.picked_file_ids.map((id) => (
        <option key={id} value={id}>
          {id}
        </option>
      ))}
    </Select>
  );
}

function Disconnect({ account, onDone }: { account: Account; onDone: () => void }) {
  const [isAsking, setAsking] = useState(false);
  const client = useQueryClient();
  const disconnect = useMutation({
    mutationFn: () => take(api.DELETE("/v1/projects/{project_id}/connected-accounts/{account_id}", { params: { path: { project_id: account.project_id, account_id: account.id } } })),
    onSuccess: async () => {
      setAsking(false);
      onDone();
      await client.invalidateQueries({ queryKey: keys.project(account.project_id, "connected-accounts") });
    },
  });
  return (
    <>
      <Button kind="quiet" onClick={() => setAsking(true)}>
        Disconnect
      </Button>
      <ConfirmDialog
        title={`Disconnect ${account.email}?`}
        words="It is forgotten here and its permission is given back at Google. What was read with it keeps serving, but is not read again."
        action="Disconnect account"
        isOpen={isAsking}
        pending={disconnect.isPending}
        error={disconnect.error}
        onConfirm={() => disconnect.mutate()}
        onClose={() => setAsking(false)}
      />
    </>
  );
}
