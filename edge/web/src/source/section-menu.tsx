import { Button, Menu, ScrollArea } from "@mantine/core";
import { IconList } from "@tabler/icons-react";
import type { Section } from "./sections.ts";
import classes from "./source.module.css";

/** More would be no help to find anything. */
const most = 300;

/** The way to a slide, a sheet or a heading. */
export function SectionMenu({
  sections,
  onJump,
}: {
  sections: readonly Section[];
  onJump: (section: Section) => void;
}) {
  return (
    <div className={classes.contents}>
      <Menu position="bottom-start" width={320}>
        <Menu.Target>
          <Button
            variant="subtle"
            color="gray"
            size="compact-sm"
            leftSection={<IconList aria-hidden size={16} stroke={1.6} />}
          >
            Contents
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <ScrollArea.Autosize mah="50vh" type="auto">
            {sections.slice(0, most).map((section, index) => (
              <Menu.Item
                // biome-ignore lint/suspicious/noArrayIndexKey: sections never move
                key={index}
                pl={12 + section.depth * 16}
                onClick={() => onJump(section)}
              >
                <span className={classes.entry}>{section.name}</span>
              </Menu.Item>
            ))}
          </ScrollArea.Autosize>
        </Menu.Dropdown>
      </Menu>
    </div>
  );
}
