import { useMutation } from "@tanstack/react-query";
import { useNavigate } from "react-router";

import { api, take, useWelcome } from "../../api";
import { Alone } from "../../app/Alone";
import { Button, ButtonLink, ErrorNote, FormActions, PageHeader } from "../../design";
import { useToken } from "./token";

// Both ask for a press: mail programs open links to look for malware, and a link that acts would be used up by that.

/** `/confirm-sign-up?token=…`: makes the account that was asked for. */
export function ConfirmSignUpPage() {
  const token = useToken() ?? "";
  const welcome = useWelcome();
  const navigate = useNavigate();
  const confirm = useMutation({
    mutationFn: () => take(api.POST("/v1/auth/sign-up/confirm", { body: { token } })),
    onSuccess: async (me) => {
      welcome(me);
      await navigate("/", { replace: true });
    },
  });
  return (
    <Alone>
      <PageHeader title="Confirm your address" words="This makes your account." />
      {confirm.error && <ErrorNote error={confirm.error} />}
      <FormActions>
        <Button kind="primary" pending={confirm.isPending} onClick={() => confirm.mutate()}>
          Make my account
        </Button>
      </FormActions>
    </Alone>
  );
}

/** `/confirm-email?token=…`: the new address of an account. */
export function ConfirmEmailPage() {
  const token = useToken() ?? "";
  const confirm = useMutation({ mutationFn: () => take(api.POST("/v1/auth/email/confirm", { body: { token } })) });
  if (confirm.isSuccess) {
    return (
      <Alone>
        <PageHeader title="Your address is changed" words="From now on, sign in with the new one." />
        <ButtonLink kind="primary" to="/">
          Go on
        </ButtonLink>
      </Alone>
    );
  }
  return (
    <Alone>
      <PageHeader title="Confirm your new address" />
      {confirm.error && <ErrorNote error={confirm.error} />}
      <FormActions>
        <Button kind="primary" pending={confirm.isPending} onClick={() => confirm.mutate()}>
          Use this address
        </Button>
      </FormActions>
    </Alone>
  );
}
