import { type Message, MessageKind, RoomKind, RoomNotifications } from "@lyceum/client";
import { useNavigate } from "@tanstack/react-router";
import { useEffect } from "react";
import { type App, useApp, useMe } from "../app/app-context.tsx";
import { usePreferences } from "../app/use-preferences.ts";

/** Tells of messages through the system while the page is out of sight, as far as the person and the browser let it. */
export function useMessageNotices(): void {
  const app = useApp();
  const me = useMe();
  const navigate = useNavigate();
  const preferences = usePreferences();
  useEffect(() => {
    const wanted = preferences?.roomNotifications ?? RoomNotifications.NONE;
    return app.rooms.listen((message) => {
      if (!document.hidden || globalThis.Notification?.permission !== "granted") return;
      if (!isTold(app, message, me, wanted)) return;
      const { text, roomId, senderId } = message;
      const name = app.people.known.get().get(senderId)?.name ?? "New message";
      const notice = new Notification(name, { body: text.slice(0, 200), tag: message.id, silent: true });
      notice.onclick = () => {
        window.focus();
        void navigate({ to: "/rooms/$roomId", params: { roomId } });
      };
      if (preferences?.sounds) playTone();
    });
  }, [app, me, navigate, preferences]);
}

function isTold(app: App, message: Message, me: string, wanted: RoomNotifications): boolean {
  const { rooms, timelines } = app.rooms.state.get();
  const { roomId, replyToId, senderId, kind, text } = message;
  if (senderId === me || kind !== MessageKind.TEXT || text === "") return false;
  if (wanted !== RoomNotifications.DIRECT) return wanted === RoomNotifications.ALL;
  const answered = timelines.get(roomId)?.messages.find(({ id }) => id === replyToId);
  return rooms?.get(roomId)?.kind === RoomKind.DIRECT || answered?.senderId === me;
}

/** A short, soft tone. */
function playTone(): void {
  const audio = new AudioContext();
  const tone = audio.createOscillator();
  const volume = audio.createGain();
  tone.frequency.value = 660;
  volume.gain.setValueAtTime(0.06, audio.currentTime);
  volume.gain.exponentialRampToValueAtTime(0.001, audio.currentTime + 0.25);
  tone.connect(volume).connect(audio.destination);
  tone.start();
  tone.stop(audio.currentTime + 0.25);
  tone.onended = () => void audio.close();
}
