import { useQuery } from "@connectrpc/connect-query";
import { IdentityService } from "@lyceum/client";
import { Button, Stack } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useApp } from "../app/app-context.tsx";
import { ProblemNotice } from "../app/problem-notice.tsx";
import { goToProvider } from "./provider-flow.ts";

/** The ways in by somebody else who knows the person; nothing where none is set up. */
export function ProviderButtons() {
  const { identity } = useApp().lyceum;
  const { data } = useQuery(IdentityService.method.listProviders, {});
  const begin = useMutation({
    mutationFn: (providerId: string) =>
      identity.beginProviderSignIn({ providerId, returnTo: location.pathname + location.search }),
    onSuccess: (flow) => goToProvider(flow, "sign-in"),
  });
  if (!data?.providers.length) return null;
  return (
    <Stack gap="md" mt="md">
      {data.providers.map(({ id, name }) => (
        <Button
          key={id}
          variant="default"
          size="md"
          loading={begin.isPending && begin.variables === id}
          onClick={() => begin.mutate(id)}
          data-testid="provider-sign-in"
        >
          Go on with {name}
        </Button>
      ))}
      {begin.error && <ProblemNotice error={begin.error} />}
    </Stack>
  );
}
