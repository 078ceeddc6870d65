import { useQuery } from "@tanstack/react-query";
import { useApp } from "../app/app-context.tsx";

/** A profile's picture as an address to show; undefined until it is there. Pictures need the token, which links don't carry. */
export function usePicture(avatarUrl: string): string | undefined {
  const { lyceum } = useApp();
  const { data } = useQuery({
    queryKey: ["picture", avatarUrl],
    queryFn: async ({ signal }) => toDataUrl(await lyceum.fetchAvatar(avatarUrl, signal)),
    enabled: avatarUrl !== "",
    staleTime: Number.POSITIVE_INFINITY,
  });
  return data;
}

/** Unlike a blob: address, nothing has to be given back. */
function toDataUrl(blob: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(blob);
  });
}
