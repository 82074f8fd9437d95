#include "zdk.h"
