import { useQuery } from "@connectrpc/connect-query";
import { FileService } from "@lyceum/client";
import { Progress, Text } from "@mantine/core";
import { formatSize } from "../app/format.ts";
import classes from "./library.module.css";

/** From this share on it is said in the colour of a warning. */
const tight = 0.9;

/** How much of one's space is taken. */
export function UsageBar() {
  const { data } = useQuery(FileService.method.getUsage, {});
  if (!data?.usage) return null;
  const { bytes, bytesLimit } = data.usage;
  const share = bytesLimit > 0n ? Number(bytes) / Number(bytesLimit) : 0;
  const words = `${formatSize(bytes)} of ${formatSize(bytesLimit)} used`;
  return (
    <div className={classes.usage} data-testid="usage">
      <Progress
        value={Math.min(100, share * 100)}
        size={4}
        color={share >= tight ? "var(--danger)" : "var(--accent)"}
        aria-label={words}
        flex={1}
        maw={180}
      />
      <Text size="sm" c={share >= tight ? "var(--danger)" : "dimmed"}>
        {words}
        {share >= tight && ". Files in the trash count too."}
      </Text>
    </div>
  );
}
