// @ts-check
/** @import {Whole} from '../views/sockets.js' */
/** @import {Classroom} from './classroom.js' */
import { make, write, mark } from '../dom.js';
import { t } from '../i18n/text.js';

/** What stands above the step of a class: how one takes part, and the buttons for it. */
export class ClassBar {
  /**
   * @param {Whole} whole @param {Classroom} room
   * @param {{teach: () => void, follow: () => void}} pressed
   */
  constructor(whole, room, { teach, follow }) {
    this.whole = whole;
    this.room = room;
    const button = (/** @type {string} */ name, /** @type {() => void} */ press, text = '') =>
      make(`button.button.class-${name}`, { type: 'button', onclick: press }, text);
    this.words = make('span.class-words', { role: 'status' });
    this.teacher = button('teach', teach);
    this.follower = button('follow', follow);
    this.invite = button('invite', () => this.#invite(), t('class.invite'));
    this.element = make(
      'div.lesson-class',
      {},
      this.words,
      this.follower,
      this.invite,
      this.teacher,
    );
  }

  /** @param {boolean} following @param {boolean} viewer */
  draw(following, viewer) {
    const { teaching, shown } = this.room;
    const taught = !teaching && Boolean(shown?.present) && !shown?.you;
    const gone = !teaching && following && shown?.present === false;
    let words = '';
    if (teaching) words = t('class.teaching');
    else if (taught) words = t(following ? 'class.following' : 'class.taught');
    else if (gone) words = t('class.gone');
    write(this.words, words);
    this.element.hidden = viewer && !words;
    this.teacher.hidden = viewer;
    mark(this.teacher, 'aria-pressed', String(teaching));
    write(this.teacher, t(teaching ? 'class.end' : 'class.teach'));
    this.invite.hidden = !teaching;
    this.follower.hidden = !taught;
    write(this.follower, t(following ? 'class.alone' : 'class.follow'));
  }

  async #invite() {
    const { openShare } = await import('../views/share.js');
    openShare(this.whole.notify, this.whole.commands, 'sockets/lesson');
  }
}
