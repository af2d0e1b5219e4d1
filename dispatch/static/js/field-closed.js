// The page that says that the link has ended.

import { forgetDrafts } from './field-draft.js';

forgetDrafts();
