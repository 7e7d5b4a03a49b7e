#pragma once
int close(int descriptor);
