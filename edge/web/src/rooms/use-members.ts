import { create } from "@bufbuild/protobuf";
import { useInfiniteQuery } from "@connectrpc/connect-query";
import { ChatService, type Member, MemberSchema } from "@lyceum/client";
import { useEffect, useMemo } from "react";
import { useInvalidate } from "../app/use-invalidate.ts";
import { useRoomsState } from "./use-rooms.ts";

/** Who belongs to a room, with how far each was last heard to have read. */
export function useMembers(roomId: string) {
  const { data, error, refetch, hasNextPage, isFetching, fetchNextPage } = useInfiniteQuery(
    ChatService.method.listMembers,
    { roomId, pageSize: 250, pageToken: "" },
    { pageParamKey: "pageToken", getNextPageParam: (page) => page.nextPageToken || undefined, staleTime: 60_000 },
  );
  useEffect(() => {
    if (hasNextPage && !isFetching) void fetchNextPage();
  }, [hasNextPage, isFetching, fetchNextPage]);
  const reads = useRoomsState((state) => state.reads.get(roomId));
  const members = useMemo(
    () => (data?.pages.flatMap((page) => page.members) ?? []).map((member) => withRead(member, reads)),
    [data, reads],
  );
  return { members, error, refetch, isPending: data === undefined };
}

/** Fetches the members anew whenever somebody came, left or got another role. */
export function useFreshMembers(roomId: string): void {
  const invalidate = useInvalidate();
  const change = useRoomsState((state) => state.membershipChanges.get(roomId));
  useEffect(() => {
    if (change !== undefined) void invalidate(ChatService.method.listMembers);
  }, [invalidate, change]);
}

function withRead(member: Member, reads: ReadonlyMap<string, bigint> | undefined): Member {
  const heard = reads?.get(member.userId) ?? 0n;
  return heard > member.readSeq ? create(MemberSchema, { ...member, readSeq: heard }) : member;
}
