import "@fontsource-variable/inter/wght.css";
import "@fontsource-variable/newsreader/wght.css";
import "@fontsource-variable/newsreader/wght-italic.css";
import "@mantine/core/styles.layer.css";
import "@mantine/notifications/styles.layer.css";
import "./app/styles.css";
import { TransportProvider } from "@connectrpc/connect-query";
import { createLyceum } from "@lyceum/client";
import { MantineProvider } from "@mantine/core";
import { Notifications } from "@mantine/notifications";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { AppContext, createApp } from "./app/app-context.tsx";
import { createQueryClient } from "./app/query-client.ts";
import { router } from "./app/router.tsx";
import { cssVariables, theme } from "./app/theme.ts";

const lyceum = createLyceum({ baseUrl: location.origin, sessionIn: "cookie" });
const app = createApp(lyceum);
const queries = createQueryClient();

// Nothing of one person may be shown to the next.
lyceum.session.subscribe(() => {
  app.reset();
  queries.clear();
});

const root = document.getElementById("root");
if (!root) throw new Error("The page has no element to render into.");
createRoot(root).render(
  <StrictMode>
    <MantineProvider theme={theme} cssVariablesResolver={cssVariables} defaultColorScheme="auto">
      <AppContext value={app}>
        <TransportProvider transport={app.stepUp.transport}>
          <QueryClientProvider client={queries}>
            <Notifications position="bottom-right" />
            <RouterProvider router={router} />
          </QueryClientProvider>
        </TransportProvider>
      </AppContext>
    </MantineProvider>
  </StrictMode>,
);
