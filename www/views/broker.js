// @ts-check
import { make } from '../dom.js';
import { t } from '../i18n/text.js';
import { request } from '../session.js';

/**
 * What to say of the MQTT broker; null where the gateway has none.
 * @param {unknown} state of /healthz @returns {{text: string, alarm: boolean} | null}
 */
export function brokerWords(state) {
  if (state === 'connected') return { text: t('share.broker.connected'), alarm: false };
  if (state === 'connecting') return { text: t('share.broker.away'), alarm: true };
  if (state === 'refused') return { text: t('share.broker.refused'), alarm: true };
  return null;
}

/** Whether the MQTT broker is reached; nothing where there is none. */
export function brokerNote() {
  const box = make('div');
  request('healthz').then(
    (answer) => {
      const words = brokerWords(answer?.helpers?.mqtt);
      if (words) box.replaceChildren(make(words.alarm ? 'p.error' : 'p.hint', {}, words.text));
    },
    () => {}, // the page says by itself that the gateway is away
  );
  return box;
}
